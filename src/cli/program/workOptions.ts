import { Option, type Command } from 'commander';

import { MODELS, OUTPUT_FORMATS } from '../../core/model.ts';
import { WORK_ORDERS } from '../../core/workOrder.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import {
  alertAtOption,
  alertUrlOption,
  amount,
  bwlimit,
  collect,
  percentage,
  webhookListenOption,
  webhookUrlOption,
  wholeNumber,
} from './readers.ts';

/** What the service is asked to do with each clip, and where the outputs go. */
export function withAsked(command: Command): Command {
  return command
    .addOption(new Option('--model <model>', 'default original').env('RBGV_MODEL').choices(MODELS))
    .addOption(
      new Option('--format <format>', 'output format, default webm')
        .env('RBGV_FORMAT')
        .choices(OUTPUT_FORMATS),
    )
    .addOption(
      new Option(
        '--background <background>',
        'transparent (default), green, white, black, blue, #rrggbb, or the URL of an image',
      ).env('RBGV_BACKGROUND'),
    )
    .option('--keep-zip', 'leave a png_sequence packed; by default it becomes a folder of frames')
    .option('--prompt <text>', 'what to keep, such as "dog, red ball" (pro only)')
    .option('--tag <name=value>', 'whose money it is, in rbgv usage; can be repeated', collect)
    .addOption(new Option('-o, --output-dir <folder>', 'default ./results').env('RBGV_OUTPUT_DIR'));
}

/** How work is carried out and shown, whatever it is. */
export function withWork(command: Command): Command {
  return command
    .addOption(
      new Option('--concurrency <n>', 'jobs at work on the server at once, default 8')
        .env('RBGV_CONCURRENCY')
        .argParser(wholeNumber(1, 32)),
    )
    .addOption(
      new Option('--max-credits-day <n>', 'never more in a UTC day, over all runs')
        .env('RBGV_MAX_CREDITS_DAY')
        .argParser(amount),
    )
    .addOption(
      new Option('--max-credits-month <n>', 'never more in a UTC month, over all runs')
        .env('RBGV_MAX_CREDITS_MONTH')
        .argParser(amount),
    )
    .addOption(alertAtOption())
    .addOption(alertUrlOption())
    .option(
      '--timeout <minutes>',
      'how long to wait for one job, default 360; it can be resumed',
      wholeNumber(1, 10_080),
    )
    .option('-y, --yes', 'do not ask before spending')
    .option('--wait-credits', 'out of credits: wait for a top-up instead of ending')
    .addOption(new Option('--json', 'events and summary as JSON lines').conflicts('quiet'))
    .option('-q, --quiet', 'only errors and the summary')
    .option('--verbose', 'show the range of costs, every step and every retry')
    .addHelpText('after', exitStatusHelp());
}

/** One run: its budget, its way to the service, and what it leaves. */
export function withSession(command: Command): Command {
  return withWork(
    command
      .addOption(
        new Option('--max-credits <n>', 'stop before anything is sent if it may cost more')
          .env('RBGV_MAX_CREDITS')
          .argParser(amount),
      )
      .addOption(
        new Option('--order <order>', 'which clips are begun first, default longest')
          .env('RBGV_ORDER')
          .choices(WORK_ORDERS),
      )
      .option('--fit', 'too dear at worst: start the clips that fit')
      .addOption(bwlimit())
      .option(
        '--fail-on-drift <percent>',
        'exit 9 when bills and estimates differ more',
        percentage,
      )
      .option(
        '--fail-on-deviation <percent>',
        'exit 9 when it differs more from the 30 days before',
        percentage,
      )
      .option('--repay', 'pay again for clips whose job failed')
      .addOption(webhookUrlOption())
      .addOption(webhookListenOption())
      .option('-n, --dry-run', 'show the plan and stop')
      .option('--no-report', 'leave out report.html in the results folder'),
  );
}

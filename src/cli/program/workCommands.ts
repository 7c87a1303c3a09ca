import { Option, type Command } from 'commander';

import { MODELS } from '../../core/model.ts';
import { COMPARABLE_FORMATS } from '../compare/formats.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import { collect, models, seconds, wholeNumber } from './readers.ts';
import { withAsked, withSession, withWork } from './workOptions.ts';
import type { Wiring } from './wiring.ts';

/** What sends work: estimate, run, compare, watch, resume and retry. */
export function addWorkCommands(program: Command, { done, globals }: Wiring): void {
  program
    .command('estimate')
    .description('show what each model would cost; sends nothing')
    .argument('<paths...>', 'files, folders, globs, or - for a list on standard input')
    .addOption(new Option('--model <model>', 'show this model only').choices(MODELS))
    .addOption(new Option('--json', 'one JSON document').conflicts('csv'))
    .option('--csv', 'comma-separated values')
    .option('--check-ends', 'look for black or frozen ends, and say what they cost')
    .option('--verbose', 'show what rounding to seconds or minutes would make of it')
    .addHelpText('after', exitStatusHelp())
    .action(async (paths: string[], options: Record<string, never>) => {
      const { estimate } = await import('../commands/estimate.ts');
      done(await estimate({ paths, ...options, ...globals() }));
    });

  withSession(
    withAsked(
      program
        .command('run')
        .description('remove the backgrounds of clips')
        .argument('<paths...>', 'files, folders, globs, or - for a list on standard input'),
    )
      .option('--composition <file>', 'canvas, anchor, scale and offset of the subject, as JSON')
      .option('--canary <n>', 'so many representative clips first, then ask', wholeNumber(1, 1000))
      .option('--transcode-to-fit', 'convert or shrink clips that the service would not take')
      .option('--check-ends', 'look for black or frozen ends, and say what they cost')
      .option('--trim', 'cut such ends off, without loss where possible')
      .option('--contact-sheet <file>', 'write a PNG with a before and after picture of each clip'),
  ).action(async (paths: string[], options: Record<string, never>) => {
    const { run } = await import('../commands/run.ts');
    done(await run({ paths, ...options, ...globals() }));
  });

  withSession(
    program
      .command('compare')
      .description(
        'put clips through several models, side by side, and find the cheapest that will do',
      )
      .argument('<paths...>', 'files, folders, globs, or - for a list on standard input')
      .option('--models <models>', 'two to four with commas between, default all', models)
      .option(
        '--sample <seconds>',
        'the first seconds of each clip alone, such as 3s',
        seconds(0.1),
      )
      .option('--from <seconds>', 'where the sample begins, default 0s', seconds(0))
      .addOption(
        new Option('--format <format>', 'output format, default webm')
          .env('RBGV_FORMAT')
          .choices(COMPARABLE_FORMATS),
      )
      .option('--prompt <text>', 'what pro is to keep, such as "dog, red ball"')
      .option('--tag <name=value>', 'whose money it is, in rbgv usage; can be repeated', collect)
      .option('-o, --output-dir <folder>', 'a folder for each model in it', 'compare')
      .option('--transcode-to-fit', 'convert or shrink clips that the service would not take')
      .option('--contact-sheet <file>', 'write a PNG with the models side by side'),
  ).action(async (paths: string[], options: { outputDir: string }) => {
    const { compare } = await import('../commands/compare.ts');
    done(await compare({ paths, ...options, ...globals() }));
  });

  withWork(
    withAsked(
      program
        .command('watch')
        .description('remove the backgrounds of clips as they come into a folder')
        .argument('<folder>', 'searched with all that lies below it'),
    )
      .option(
        '--settle <seconds>',
        'a file is whole after so long without a change',
        seconds(0.1),
        5,
      )
      .option('--interval <seconds>', 'look at least so often', seconds(0.1), 10)
      .option('--quarantine <folder>', 'move files there that cannot be worked')
      .option('--once', 'work what is there, then end: for cron'),
  ).action(async (folder: string, options: { settle: number; interval: number }) => {
    const { watch } = await import('../commands/watch.ts');
    done(await watch({ folder, ...options, ...globals() }));
  });

  for (const [name, description, onlyFailed] of [
    ['resume', 'go on with a run that was interrupted, killed or stopped', false],
    [
      'retry',
      'try the failed clips of a run again; those that were charged only with --repay',
      true,
    ],
  ] as const) {
    withSession(
      program
        .command(name)
        .description(description)
        .argument('[run]', 'the beginning of a run id; default: the latest'),
    ).action(async (run: string | undefined, options: Record<string, never>) => {
      const { resume } = await import('../commands/resume.ts');
      const chosen = run === undefined ? {} : { run };
      done(await resume({ ...options, onlyFailed, ...chosen, ...globals() }));
    });
  }
}

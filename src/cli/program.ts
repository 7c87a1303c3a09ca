import { Argument, Command, InvalidArgumentError, Option } from 'commander';

import packageJson from '../../package.json' with { type: 'json' };
import { parsePercentages } from '../core/budget.ts';
import { parseByteRate } from '../core/byteRate.ts';
import { WORK_ORDERS } from '../core/workOrder.ts';
import { MODELS, OUTPUT_FORMATS } from '../core/model.ts';
import type { CompletionOptions } from './commands/completion.ts';
import type { CreditsOptions } from './commands/credits.ts';
import type { GlobalOptions } from './context.ts';
import { exitStatusHelp } from './exitCodes.ts';
import { ASKED_VALUES, commandTree } from './help/commandTree.ts';
import { exampleText } from './help/examples.ts';
import { topicList } from './help/topics.ts';

/**
 * The command line as data: flags and help. Each action loads its command only when it runs.
 *
 * @param done receives the exit code of the command that ran
 */
export function createProgram(done: (code: number) => void): Command {
  const program = new Command('rbgv')
    .description('Batch video background removal, with estimates first and every clip paid once.')
    .version(packageJson.version)
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .option('--profile <profile>', 'sandbox, production, or one of your own (RBGV_PROFILE)')
    .option('--debug', 'show every request, without keys and signatures')
    .option('--debug-file <file>', 'write the same into a file')
    .addHelpText(
      'after',
      `
Without an API key rbgv works in its own local sandbox: no network, no credits.

${topicList()}
`,
    );
  const globals = (): GlobalOptions => program.opts<GlobalOptions>();

  program
    .command('init')
    .description('set rbgv up: take a key, check it, look at this machine')
    .argument('[paths...]', 'clips for a first estimate')
    .option('--keychain', "keep the key in the system's keychain")
    .addHelpText('after', exitStatusHelp())
    .action(async (paths: string[], options: { keychain?: boolean }) => {
      const { init } = await import('./commands/init.ts');
      done(await init({ paths, ...options, ...globals() }));
    });

  program
    .command('estimate')
    .description('show what each model would cost; sends nothing')
    .argument('<paths...>', 'files, folders, globs, or - for a list on standard input')
    .addOption(new Option('--model <model>', 'show this model only').choices(MODELS))
    .addOption(new Option('--json', 'one JSON document').conflicts('csv'))
    .option('--csv', 'comma-separated values')
    .option('--verbose', 'show what rounding to seconds or minutes would make of it')
    .addHelpText('after', exitStatusHelp())
    .action(async (paths: string[], options: Record<string, never>) => {
      const { estimate } = await import('./commands/estimate.ts');
      done(await estimate({ paths, ...options, ...globals() }));
    });

  program
    .command('run')
    .description('remove the backgrounds of clips')
    .argument('<paths...>', 'files, folders, globs, or - for a list on standard input')
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
    .option('--composition <file>', 'canvas, anchor, scale and offset of the subject, as JSON')
    .addOption(new Option('-o, --output-dir <folder>', 'default ./results').env('RBGV_OUTPUT_DIR'))
    .addOption(
      new Option('--concurrency <n>', 'jobs at work on the server at once, default 8')
        .env('RBGV_CONCURRENCY')
        .argParser(wholeNumber(1, 32)),
    )
    .addOption(
      new Option('--max-credits <n>', 'stop before anything is sent if the plan may cost more')
        .env('RBGV_MAX_CREDITS')
        .argParser(amount),
    )
    .addOption(
      new Option('--order <order>', 'which clips are begun first, default longest')
        .env('RBGV_ORDER')
        .choices(WORK_ORDERS),
    )
    .addOption(bwlimit())
    .option('--fit', 'too dear at worst: start the clips that fit')
    .addOption(alertAtOption())
    .addOption(alertUrlOption())
    .option('--tag <name=value>', 'whose money it is, in rbgv usage; can be repeated', collect)
    .option(
      '--timeout <minutes>',
      'how long to wait for one job, default 360; it can be resumed',
      wholeNumber(1, 10_080),
    )
    .option('-y, --yes', 'do not ask before spending')
    .addOption(
      new Option(
        '--canary <n>',
        'so many representative clips first, then ask for the rest',
      ).argParser(wholeNumber(1, 1000)),
    )
    .option('--transcode-to-fit', 'convert or shrink clips that the service would not take')
    .option('--check-ends', 'look for black or frozen ends, and say what they cost')
    .option('--trim', 'cut such ends off, without loss where possible')
    .option('--repay', 'pay again for clips whose job failed')
    .option('--wait-credits', 'out of credits: wait for a top-up instead of ending')
    .addOption(webhookUrlOption())
    .addOption(webhookListenOption())
    .option('-n, --dry-run', 'show the plan and stop')
    .option('--contact-sheet <file>', 'write a PNG with a before and after picture of each clip')
    .option('--no-report', 'leave out report.html in the results folder')
    .addOption(new Option('--json', 'events and summary as JSON lines').conflicts('quiet'))
    .option('-q, --quiet', 'only errors and the summary')
    .option('--verbose', 'show the range of costs, and every retry')
    .addHelpText('after', exitStatusHelp())
    .action(async (paths: string[], options: Record<string, never>) => {
      const { run } = await import('./commands/run.ts');
      done(await run({ paths, ...options, ...globals() }));
    });

  program
    .command('watch')
    .description('remove the backgrounds of clips as they come into a folder')
    .argument('<folder>', 'searched with all that lies below it')
    .addOption(new Option('--model <model>', 'default original').env('RBGV_MODEL').choices(MODELS))
    .addOption(
      new Option('--format <format>', 'output format, default webm')
        .env('RBGV_FORMAT')
        .choices(OUTPUT_FORMATS),
    )
    .addOption(new Option('--background <background>', 'as of `rbgv run`').env('RBGV_BACKGROUND'))
    .option('--prompt <text>', 'what to keep, such as "dog, red ball" (pro only)')
    .addOption(new Option('-o, --output-dir <folder>', 'default ./results').env('RBGV_OUTPUT_DIR'))
    .addOption(
      new Option('--concurrency <n>', 'jobs at work on the server at once, default 8')
        .env('RBGV_CONCURRENCY')
        .argParser(wholeNumber(1, 32)),
    )
    .option('--max-credits-day <n>', 'never more in a UTC day; the rest waits', amount)
    .addOption(alertAtOption())
    .addOption(alertUrlOption())
    .option('--tag <name=value>', 'whose money it is, in rbgv usage; can be repeated', collect)
    .option('--keep-zip', 'leave PNG sequences packed')
    .option('--settle <seconds>', 'a file is whole after so long without a change', seconds, 5)
    .option('--interval <seconds>', 'look at least so often', seconds, 10)
    .option('--quarantine <folder>', 'move files there that cannot be worked')
    .option('--once', 'work what is there, then end: for cron')
    .option('--timeout <minutes>', 'how long to wait for one job', wholeNumber(1, 10_080))
    .option('-y, --yes', 'do not ask at the start')
    .option('--wait-credits', 'out of credits: wait for a top-up instead of ending')
    .addOption(new Option('--json', 'events and summaries as JSON lines').conflicts('quiet'))
    .option('-q, --quiet', 'only errors and the sums')
    .option('--verbose', 'show every step and every retry')
    .addHelpText('after', exitStatusHelp())
    .action(async (folder: string, options: { settle: number; interval: number }) => {
      const { watch } = await import('./commands/watch.ts');
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
    program
      .command(name)
      .description(description)
      .argument('[run]', 'the beginning of a run id; default: the latest')
      .addOption(
        new Option('--concurrency <n>', 'jobs at work on the server at once, default 8')
          .env('RBGV_CONCURRENCY')
          .argParser(wholeNumber(1, 32)),
      )
      .addOption(
        new Option(
          '--max-credits <n>',
          'stop before anything is sent if what is left may cost more',
        )
          .env('RBGV_MAX_CREDITS')
          .argParser(amount),
      )
      .addOption(bwlimit())
      .option('--fit', 'too dear at worst: start the clips that fit')
      .addOption(alertAtOption())
      .addOption(alertUrlOption())
      .option('--timeout <minutes>', 'how long to wait for one job', wholeNumber(1, 10_080))
      .option('-y, --yes', 'do not ask before spending')
      .option('--repay', 'pay again for clips whose job failed')
      .option('--wait-credits', 'out of credits: wait for a top-up instead of ending')
      .addOption(webhookUrlOption())
      .addOption(webhookListenOption())
      .option('-n, --dry-run', 'show the plan and stop')
      .option('--no-report', 'leave out report.html in the results folder')
      .addOption(new Option('--json', 'events and summary as JSON lines').conflicts('quiet'))
      .option('-q, --quiet', 'only errors and the summary')
      .option('--verbose', 'show the range of costs, and every retry')
      .addHelpText('after', exitStatusHelp())
      .action(async (run: string | undefined, options: Record<string, never>) => {
        const { resume } = await import('./commands/resume.ts');
        done(
          await resume({
            ...options,
            onlyFailed,
            ...(run === undefined ? {} : { run }),
            ...globals(),
          }),
        );
      });
  }

  program
    .command('status')
    .description('show runs and their clips')
    .argument('[run]', 'a run id; default: the list of runs, and the clips of the latest')
    .option('--limit <n>', 'how many runs', wholeNumber(1, 1000), 10)
    .addOption(new Option('--json', 'one JSON document').conflicts('watch'))
    .option('--watch', 'show changes until the run ends')
    .addHelpText('after', exitStatusHelp())
    .action(
      async (
        run: string | undefined,
        options: { limit: number; json?: boolean; watch?: boolean },
      ) => {
        const { status } = await import('./commands/status.ts');
        done(await status({ ...options, ...(run === undefined ? {} : { run }), ...globals() }));
      },
    );

  program
    .command('report')
    .description('write a page about a run: pictures, costs, times, failures and what to do')
    .argument('[run]', 'the beginning of a run id; default: the latest')
    .option('-o, --output <file>', 'default report.html in the results folder')
    .option('--contact-sheet <file>', 'also a PNG with a before and after picture of each clip')
    .addOption(
      new Option('--json', 'instead: its outputs with checksums, one JSON document').conflicts(
        'csv',
      ),
    )
    .option('--csv', 'instead: its outputs with checksums, comma-separated')
    .addHelpText('after', exitStatusHelp())
    .action(async (run: string | undefined, options: Record<string, never>) => {
      const { report } = await import('./commands/report.ts');
      done(await report({ ...options, ...(run === undefined ? {} : { run }), ...globals() }));
    });

  program
    .command('verify')
    .description('read every output again and compare it with what was published')
    .option('--json', 'one JSON document')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { json?: boolean }) => {
      const { verify } = await import('./commands/verify.ts');
      done(await verify({ ...options, ...globals() }));
    });

  program
    .command('adopt')
    .description('rebuild a lost ledger from the jobs at the service; pays nothing')
    .addHelpText('after', exitStatusHelp())
    .action(async () => {
      const { adopt } = await import('./commands/adopt.ts');
      done(await adopt(globals()));
    });

  program
    .command('forget')
    .description('take a run out of the list; what it paid for stays known')
    .argument('<run>', 'the beginning of a run id')
    .addHelpText('after', exitStatusHelp())
    .action(async (run: string) => {
      const { forget } = await import('./commands/forget.ts');
      done(await forget({ run, ...globals() }));
    });

  program
    .command('usage')
    .description("the service's usage figures beside rbgv's own books")
    .option('--days <n>', 'the last n days, 1 to 90', wholeNumber(1, 90), 7)
    .option('--events <n>', 'also the last n events, 1 to 100', wholeNumber(1, 100))
    .option('--by <group>', 'the books by model, day, run, profile or tag:<name>')
    .option('--reconcile', 'compare the books with all that the service says, job by job')
    .option('--fail-on-drift <percent>', 'exit 9 when bills and estimates differ more', percentage)
    .option('--baseline <days>', 'compare with the n days before', wholeNumber(1, 3650))
    .option('--fail-on-deviation <percent>', 'exit 9 when they differ more', percentage)
    .addOption(new Option('--csv', 'groups as comma-separated values').conflicts(['json', 'plain']))
    .addOption(new Option('--plain', 'groups as lines with tabs').conflicts('json'))
    .option('--json', 'one JSON document with every field the service sent')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { days: number }) => {
      const { usage } = await import('./commands/usage.ts');
      done(await usage({ ...options, ...globals() }));
    });

  const wallet = program
    .command('credits')
    .description('a wallet of the credits you bought: the service tells no balance')
    .addHelpText('after', exitStatusHelp());
  const creditsAction =
    (action: CreditsOptions['action']) =>
    async (...given: readonly unknown[]): Promise<void> => {
      const amounts = given.filter((value) => typeof value === 'number');
      const [options] = given.slice(-2) as [Partial<CreditsOptions>];
      const { credits } = await import('./commands/credits.ts');
      const [value] = amounts;
      done(
        await credits({
          ...options,
          action,
          ...(value === undefined ? {} : { amount: value }),
          ...globals(),
        }),
      );
    };
  wallet
    .command('list', { isDefault: true })
    .description('what is left, in the order of spending')
    .option('--json', 'one JSON document')
    .action(creditsAction('list'));
  wallet
    .command('add')
    .description('write down credits that were bought')
    .argument('<amount>', 'how many', amount)
    .option('--expires <when>', '90d, 24m or a date such as 2027-01-31')
    .option('--label <text>', 'what it is, such as "Starter, November"')
    .option('--pool <name>', 'runs spend from `api`; others are only kept in mind')
    .option('--backup', 'spent only when nothing else is left')
    .option('--monthly', 'a plan: the amount comes anew each month')
    .option('--rollover <n>', "with --monthly: carry over up to n months' worth", amount)
    .option('--json', 'one JSON document')
    .action(creditsAction('add'));
  wallet
    .command('set')
    .description('correct the books to what the dashboard shows')
    .argument('<amount>', 'how many are left', amount)
    .option('--pool <name>', 'default `api`')
    .option('--json', 'one JSON document')
    .action(creditsAction('set'));
  wallet
    .command('forecast')
    .description('when they run out, what expires unused, which plan fits')
    .option('--days <n>', 'how many days of spending count', wholeNumber(1, 365), 30)
    .option('--json', 'one JSON document')
    .action(creditsAction('forecast'));

  program
    .command('smoke')
    .description('a check for CI: one clip that must work, one that must fail, under a ceiling')
    .option('--max-credits <n>', 'hard ceiling, a started minute counted whole', amount, 50)
    .addOption(new Option('--model <model>', 'default light').choices(MODELS).default('light'))
    .option('--json', 'one JSON document')
    .option('--junit <file>', 'also write the checks as JUnit XML')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { maxCredits: number; model: string; json?: boolean }) => {
      const { smoke } = await import('./commands/smoke.ts');
      done(await smoke({ ...options, ...globals() }));
    });

  program
    .command('doctor')
    .description('what is in use here, whether it works, and what mends it')
    .addOption(new Option('--json', 'one JSON document').conflicts('probe'))
    .option('--probe', 'ask the service what its pages leave open; asks before what costs')
    .option('-y, --yes', 'agree to the probes that cost')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { json?: boolean; probe?: boolean; yes?: boolean }) => {
      const { doctor } = await import('./commands/doctor.ts');
      done(await doctor({ ...options, ...globals() }));
    });

  program
    .command('listen')
    .description("the service's webhooks as JSON lines, genuine ones alone")
    .addOption(webhookListenOption())
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { webhookListen?: string }) => {
      const { listen } = await import('./commands/listen.ts');
      done(await listen(options));
    });

  program
    .command('sandbox')
    .description('run the local service on its own, for any client')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port, 0 for any free one', wholeNumber(0, 65_535), 8787)
    .option('--data-dir <folder>', 'where its files live')
    .option('--workers <n>', 'jobs worked at once', wholeNumber(1, 64), 2)
    .option('--explain', 'print every knob of behaviour, its values, default and reason')
    .option('--behaviour <file>', 'JSON object of knobs')
    .option('--knob <name=value...>', 'knobs, each wins over the file')
    .option('--faults <file>', 'JSON of what goes wrong, and when')
    .option('--seed <n>', 'replays chance exactly', wholeNumber(0, 4_294_967_295))
    .option('--credits <n>', 'balance of each key; without it nothing is counted down', amount)
    .option('--allow-fetch', 'fetch video URLs from public addresses')
    .option('--retention-hours <n>', 'remove older jobs and files', wholeNumber(1, 87_600))
    .option('--min-free <MB>', 'refuse uploads when less stays free, default 500', amount)
    .option('--simulate <time>', 'no matting: fixed:3, lognormal:10,0.5 or per-second:0.5')
    .option('--clock-scale <n>', 'simulated work runs so many times faster', amount)
    .option('-q, --quiet', 'no line for each request')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { host: string; port: number; workers: number }) => {
      const { sandbox } = await import('./commands/sandbox.ts');
      done(await sandbox(options));
    });

  const config = program
    .command('config')
    .description('stored settings, profiles and keys')
    .addHelpText('after', exitStatusHelp());
  const configAction =
    (action: string) =>
    async (...given: unknown[]): Promise<void> => {
      const { config: runConfig } = await import('./commands/config.ts');
      done(
        await runConfig(
          action,
          given.filter((value) => typeof value === 'string'),
          given.some((value) => typeof value === 'object' && value !== null && 'keychain' in value),
        ),
      );
    };
  config
    .command('list')
    .description('everything, keys as fingerprints')
    .action(configAction('list'));
  config.command('path').description('where it is stored').action(configAction('path'));
  config.command('get <name>').description('one setting').action(configAction('get'));
  config.command('set <name> <value>').description('store a setting').action(configAction('set'));
  config.command('unset <name>').description('forget a setting').action(configAction('unset'));
  config
    .command('set-profile <name> <url>')
    .description('make or change a profile')
    .action(configAction('set-profile'));
  config
    .command('set-key [profile]')
    .description('store an API key, read from standard input')
    .option('--keychain', "in the system's keychain instead of a file that only you can read")
    .action(configAction('set-key'));
  config
    .command('unset-key [profile]')
    .description('forget an API key')
    .action(configAction('unset-key'));

  const engine = program
    .command('engine')
    .description('what removes backgrounds in the local sandbox: built in, or a model of yours')
    .addHelpText('after', exitStatusHelp());
  engine
    .command('use')
    .argument('<file.onnx>', 'RobustVideoMatting interface, or picture in and opacity out')
    .description('work with a learned model; needs onnxruntime-node')
    .option('--runtime <folder>', 'where onnxruntime-node is; default: here, or global')
    .action(async (file: string, options: { readonly runtime?: string }) => {
      const { takeEngine } = await import('./commands/engine.ts');
      done(await takeEngine(file, options));
    });
  engine
    .command('show')
    .description('what it works with now')
    .action(async () => {
      const { showEngine } = await import('./commands/engine.ts');
      done(await showEngine());
    });
  engine
    .command('reset')
    .description('back to the built-in engine')
    .action(async () => {
      const { resetEngine } = await import('./commands/engine.ts');
      done(resetEngine());
    });

  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('[shell]').choices(['bash', 'zsh', 'fish']))
    .addOption(new Option('--values <of>').choices(ASKED_VALUES).hideHelp())
    .addHelpText('after', exitStatusHelp())
    .action(
      async (shell: CompletionOptions['shell'], options: Pick<CompletionOptions, 'values'>) => {
        const { completion } = await import('./commands/completion.ts');
        done(
          await completion(
            { ...options, ...(shell === undefined ? {} : { shell }) },
            commandTree(program),
          ),
        );
      },
    );

  program
    .command('help')
    .description('help on a command or a topic')
    .argument('[topic...]', 'a command, or one of the topics listed by `rbgv help`')
    .action(async (words: string[]) => {
      const { help } = await import('./commands/help.ts');
      done(help(words, program));
    });

  program
    .command('manual', { hidden: true })
    .description('print the manual page, in roff')
    .action(async () => {
      const { manPage } = await import('./help/manPage.ts');
      process.stdout.write(manPage(commandTree(program), packageJson.version));
      done(0);
    });

  for (const command of [...program.commands, ...config.commands, ...wallet.commands])
    command.exitOverride();
  for (const { path, command } of [
    { path: '', command: program },
    ...program.commands.map((command) => ({ path: command.name(), command })),
  ]) {
    command.addHelpText('before', () => exampleText(path));
  }
  return program;
}

function webhookUrlOption(): Option {
  return new Option(
    '--webhook-url <url>',
    'where the service can reach this run, to tell of jobs that ended',
  ).env('RBGV_WEBHOOK_URL');
}

function webhookListenOption(): Option {
  return new Option(
    '--webhook-listen <host:port>',
    'where webhooks arrive on this machine, default 127.0.0.1:8788',
  ).env('RBGV_WEBHOOK_LISTEN');
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 0.1 && value <= 86_400) return value;
  throw new InvalidArgumentError('Give a number of seconds from 0.1 to 86400.');
}

function amount(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 1e9) return value;
  throw new InvalidArgumentError('Give a number of credits, such as 120 or 7.5.');
}

/** `5%` or `5`: as a share. */
function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (/^\d+(\.\d+)?%?$/.test(text) && value <= 1e6) return value / 100;
  throw new InvalidArgumentError('Give a percentage, such as 5%.');
}

function percentages(text: string): readonly number[] {
  const values = parsePercentages(text);
  if (values !== undefined) return values;
  throw new InvalidArgumentError('Give whole percentages from 1 to 100, such as 50,80,95.');
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function alertAtOption(): Option {
  return new Option('--alert-at <percentages>', 'of a budget, default 50,80,95')
    .env('RBGV_ALERT_AT')
    .argParser(percentages);
}

function alertUrlOption(): Option {
  return new Option('--alert-url <url>', 'post such alerts there').env('RBGV_ALERT_URL');
}

function bwlimit(): Option {
  return new Option(
    '--bwlimit <rate>',
    'uploads and downloads together, such as 2.5M or 800k a second',
  )
    .env('RBGV_BWLIMIT')
    .argParser((text) => {
      const rate = parseByteRate(text);
      if (rate !== undefined) return rate;
      throw new InvalidArgumentError('Give bytes a second, such as 2.5M or 800k, from 50k on.');
    });
}

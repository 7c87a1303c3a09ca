import { Option, type Command } from 'commander';

import type { CreditsOptions } from '../commands/credits.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import { wholeNumber, amount, percentage } from './readers.ts';
import type { Wiring } from './wiring.ts';

/** What looks at runs, outputs and credits; most of it sends nothing. */
export function addBookCommands(program: Command, { done, globals }: Wiring): void {
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
        const { status } = await import('../commands/status.ts');
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
      const { report } = await import('../commands/report.ts');
      done(await report({ ...options, ...(run === undefined ? {} : { run }), ...globals() }));
    });

  program
    .command('verify')
    .description('read every output again and compare it with what was published')
    .option('--json', 'one JSON document')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { json?: boolean }) => {
      const { verify } = await import('../commands/verify.ts');
      done(await verify({ ...options, ...globals() }));
    });

  program
    .command('adopt')
    .description('rebuild a lost ledger from the jobs at the service; pays nothing')
    .addHelpText('after', exitStatusHelp())
    .action(async () => {
      const { adopt } = await import('../commands/adopt.ts');
      done(await adopt(globals()));
    });

  program
    .command('forget')
    .description('take a run out of the list; what it paid for stays known')
    .argument('<run>', 'the beginning of a run id')
    .addHelpText('after', exitStatusHelp())
    .action(async (run: string) => {
      const { forget } = await import('../commands/forget.ts');
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
      const { usage } = await import('../commands/usage.ts');
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
      const { credits } = await import('../commands/credits.ts');
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
}

import { Option, type Command } from 'commander';

import { MODELS } from '../../core/model.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import { webhookListenOption, wholeNumber, amount } from './readers.ts';
import type { Wiring } from './wiring.ts';

/** What checks the service, or stands in for it. */
export function addCheckCommands(program: Command, { done, globals }: Wiring): void {
  program
    .command('smoke')
    .description('a check for CI: one clip that must work, one that must fail, under a ceiling')
    .option('--max-credits <n>', 'hard ceiling, a started minute counted whole', amount, 50)
    .addOption(new Option('--model <model>', 'default light').choices(MODELS).default('light'))
    .option('--json', 'one JSON document')
    .option('--junit <file>', 'also write the checks as JUnit XML')
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { maxCredits: number; model: string; json?: boolean }) => {
      const { smoke } = await import('../commands/smoke.ts');
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
      const { doctor } = await import('../commands/doctor.ts');
      done(await doctor({ ...options, ...globals() }));
    });

  program
    .command('listen')
    .description("the service's webhooks as JSON lines, genuine ones alone")
    .addOption(webhookListenOption())
    .addHelpText('after', exitStatusHelp())
    .action(async (options: { webhookListen?: string }) => {
      const { listen } = await import('../commands/listen.ts');
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
      const { sandbox } = await import('../commands/sandbox.ts');
      done(await sandbox(options));
    });
}

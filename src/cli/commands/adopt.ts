import { adoptJobs } from '../../batch/adoptJobs.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';

export interface AdoptOptions {
  readonly profile?: string | undefined;
}

/** `rbgv adopt`: rebuilds a lost ledger from the service's list of jobs; pays nothing. */
export async function adopt(options: AdoptOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const interruption = watchSignals(() => undefined);
  const service = await context.openService(() => undefined, { idle: true });
  const { stateDir } = context.environment;
  const ledger = openLedger(stateDir, context.clock, { rebuild: true });
  try {
    const { signal } = interruption;
    const found = await adoptJobs(service.keys, ledger, profile.scope, signal);
    terminal.out(
      `${found.listed} jobs at the service, ${found.ours} of rbgv's, ${found.adopted} taken into the ledger`,
    );
    if (found.refusedKeys > 0) {
      const keys =
        found.refusedKeys === 1 ? '1 former key is' : `${found.refusedKeys} former keys are`;
      terminal.err(`${keys} refused by the service: jobs made with them cannot be seen`);
    }
    if (found.listed > 0 && found.ours === 0) {
      terminal.err('\nhint: the service does not tell which clips its jobs were made for');
    } else if (found.adopted > 0) {
      terminal.err(
        '\nhint: run the same commands as before: what is paid is fetched, not paid again',
      );
    }
    return exitCode('ok');
  } finally {
    interruption.dispose();
    ledger.close();
    await service.close();
  }
}

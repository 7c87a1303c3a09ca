import { RbgvError } from '../../core/errors.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { findRun } from '../findRun.ts';

export interface ForgetOptions {
  readonly run: string;
  readonly profile?: string | undefined;
}

/** `rbgv forget`: tidies the list of runs. What is paid is never forgotten. */
export async function forget(options: ForgetOptions): Promise<number> {
  const context = createContext(options);
  const ledger = await context.ledger();
  try {
    const run = findRun(ledger, options.run);
    if (ledger.isRunning(run.id)) {
      throw new RbgvError('ledger', 'run_in_progress', `run ${run.id} is at work`, {
        hint: 'stop it first',
      });
    }
    ledger.forgetRun(run.id);
    context.terminal.out(`forgot run ${run.id}; what it paid for stays known`);
    return exitCode('ok');
  } finally {
    ledger.close();
  }
}

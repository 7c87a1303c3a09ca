import { once } from 'node:events';

import { OverBudget } from '../../src/core/budget.ts';
import { systemClock } from '../../src/core/clock.ts';
import { credits } from '../../src/core/credits.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { beginRun, draftJob, start } from './budgetJobs.ts';

/** A process that starts jobs below a day's cap until none fits any more. */
const [folder = '', name = '', cap = '0'] = process.argv.slice(2);
const ledger = openLedger(folder, systemClock);
beginRun(ledger, name, { day: credits(Number(cap)) });
process.send?.('ready');
await once(process, 'message');
let started = 0;
try {
  for (;;) {
    const job = draftJob(ledger, name, `${name}-${started}`, { worstCase: 60 });
    start(ledger, name, job);
    started += 1;
    // Others get their turn, as they do between two requests.
    await systemClock.sleep(5);
  }
} catch (error) {
  if (!(error instanceof OverBudget)) throw error;
}
process.send?.(started);
ledger.close();
process.disconnect();

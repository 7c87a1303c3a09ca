import { RbgvError } from '../core/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunSummary } from '../ledger/runs.ts';

/** How far back a run can be named. */
const MOST_RUNS = 1000;

/**
 * The run that a person means: by the beginning of its id, or the latest.
 *
 * @throws RbgvError `unknown_run`
 */
export function findRun(ledger: Ledger, id: string | undefined): RunSummary {
  const runs = ledger.runs(id === undefined ? 1 : MOST_RUNS);
  const found = id === undefined ? runs[0] : runs.find((run) => run.id.startsWith(id));
  if (found !== undefined) return found;
  const what = id === undefined ? 'there are no runs yet' : `there is no run \`${id}\``;
  throw new RbgvError('usage', 'unknown_run', what, { hint: 'list the runs with: rbgv status' });
}

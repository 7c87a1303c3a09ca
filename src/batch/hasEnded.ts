import { stat } from 'node:fs/promises';

import type { Ledger } from '../ledger/ledger.ts';
import { currentWork } from './currentWork.ts';
import { knownClipHash } from './identify.ts';
import type { Plan, PlannedClip } from './plan.ts';

/**
 * Whether a run would find nothing to do for a clip, by the ledger alone: its output is where it
 * was delivered, or its job failed and nobody agreed to pay again. A file that was never read, or
 * has changed since, has not ended.
 */
export async function hasEnded(
  { clip, wantedPath }: PlannedClip,
  { scope, settings, repay }: Plan,
  ledger: Ledger,
): Promise<boolean> {
  const sha256 = await knownClipHash(clip, ledger);
  if (sha256 === undefined) return false;
  const { key, job } = currentWork(scope, sha256, settings, repay, ledger);
  if (job?.state === 'failed') return true;
  const delivery = job?.state === 'done' ? ledger.delivery(key, wantedPath) : undefined;
  return delivery !== undefined && (await exists(delivery.path));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

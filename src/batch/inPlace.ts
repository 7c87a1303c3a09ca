import { NO_CREDITS } from '../core/credits.ts';
import type { Outcome } from '../core/outcome.ts';
import { sideBySide } from '../core/sideBySide.ts';
import { hashOutput } from '../files/outputStamp.ts';
import type { FileStamp, Ledger } from '../ledger/ledger.ts';
import { currentWork } from './currentWork.ts';
import { knownClipHash, stampOf } from './identify.ts';
import type { Plan, PlannedClip } from './plan.ts';

/** Enough for the disk; more would only make the first file wait for the others. */
const READERS = 4;

/**
 * Finds the clips of a plan that are done and whose output is still where it was put, and writes
 * their outcomes down in one commit: with one for each step, ten thousand of them took half a
 * minute. Whatever is in doubt is left to `runClip`.
 */
export async function settleInPlace(
  plan: Plan,
  runId: string,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<ReadonlyMap<PlannedClip, Outcome>> {
  const settled = new Map<PlannedClip, Outcome>();
  const keys = new Map<PlannedClip, string>();
  const hashes: { readonly stamp: FileStamp; readonly sha256: string }[] = [];

  async function look(item: PlannedClip): Promise<void> {
    const { clip, settings, wantedPath } = item;
    const source = await knownClipHash(clip, ledger);
    if (source === undefined) return;
    const { key, job } = currentWork(plan.scope, source, settings, plan.repay, ledger);
    const delivery = ledger.delivery(key, wantedPath);
    if (job?.state !== 'done' || delivery === undefined) return;
    const { path } = delivery;
    const stamp = await stampOf(path);
    if (stamp?.sizeBytes !== job.output.sizeBytes) return;
    const known = ledger.cachedHash(stamp);
    const sha256 = known ?? (await hashOutput(path));
    if (sha256 !== job.output.sha256) return;
    if (known === undefined) hashes.push({ stamp, sha256 });
    keys.set(item, key);
    settled.set(item, {
      path: clip.path,
      mended: clip.mended,
      relativePath: clip.relativePath,
      model: settings.model,
      format: settings.format,
      durationSeconds: clip.media.durationUs / 1e6,
      credits: NO_CREDITS,
      jobId: job.jobId,
      elapsedMs: 0,
      status: 'done',
      outputPath: path,
      reused: true,
    });
  }

  const paid = plan.items.filter(({ alreadyPaid }) => alreadyPaid);
  await sideBySide(READERS, paid, async (item) => {
    if (signal.aborted) return;
    // A file that cannot be read now is looked at again, and reported, by `runClip`.
    await look(item).catch((error: unknown) => {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    });
  });
  if (settled.size === 0) return settled;
  ledger.inOneCommit(() => {
    for (const { stamp, sha256 } of hashes) ledger.storeHash(stamp, sha256);
    for (const [{ clip, wantedPath }, key] of keys) {
      ledger.setClipKey(runId, clip.path, wantedPath, key);
    }
    for (const [{ wantedPath }, outcome] of settled) {
      ledger.setClipOutcome(runId, outcome, wantedPath);
    }
  });
  return settled;
}

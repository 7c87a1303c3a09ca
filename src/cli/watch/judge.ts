import { join } from 'node:path';

import { surveyClips } from '../../batch/survey.ts';
import type { RejectedClip } from '../../core/clip.ts';
import type { Estimate, Tariff } from '../../core/estimate.ts';
import { publishFile } from '../../files/publishFile.ts';
import type { RejectedList } from '../../files/rejectedList.ts';
import type { SettledFile, SettlingFolder } from '../../files/settling.ts';
import { createProber } from '../../media/probe.ts';
import type { Context } from '../context.ts';

/** What bad files are judged by, and where they go. */
export interface Judging {
  readonly folder: SettlingFolder;
  readonly rejected: RejectedList;
  /** Where bad files are moved; `undefined`: they stay. */
  readonly quarantine: string | undefined;
  /** A file that cannot be read may still be on its way: it has this long, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * Looks into files that have settled. A bad one is told of once, written into the list, and moved
 * when there is a quarantine; one that may still be growing is looked at again later.
 *
 * @returns the clips that can be worked, priced, and how many were put aside
 */
export async function judge(
  files: readonly SettledFile[],
  tariff: Tariff,
  judging: Judging,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly estimates: readonly Estimate[]; readonly bad: number }> {
  const { folder, rejected, patienceMs } = judging;
  const fresh = new Map<string, SettledFile>();
  for (const file of files) {
    if (rejected.has(file.path, file.stamp)) folder.finish(file.path);
    else fresh.set(file.path, file);
  }
  const found = [...fresh.values()].map(({ file }) => file);
  const clips = found.filter((file) => 'sizeBytes' in file);
  const refused = found.filter((file) => 'code' in file);
  const probe = createProber(await context.tools());
  const survey = await surveyClips(clips, probe, tariff, () => undefined, signal);
  let bad = 0;
  for (const clip of [...refused, ...survey.rejected]) {
    const { unchangedMs = 0, stamp = '' } = fresh.get(clip.path) ?? {};
    if (unchangedMs < patienceMs) folder.postpone(clip.path, patienceMs - unchangedMs);
    else {
      bad += 1;
      await putAside(clip, stamp, judging, context);
    }
  }
  return { estimates: survey.estimates, bad };
}

async function putAside(
  clip: RejectedClip,
  stamp: string,
  { folder, rejected, quarantine }: Judging,
  { terminal, clock }: Context,
): Promise<void> {
  const status = terminal.paint('rejected ', 'red');
  terminal.err(`${status} ${terminal.safe(clip.relativePath)}: ${terminal.safe(clip.reason)}`);
  terminal.err(`    fix: ${terminal.safe(clip.fix)}`);
  let movedTo: string | undefined;
  if (quarantine !== undefined) {
    try {
      movedTo = await publishFile(clip.path, join(quarantine, clip.relativePath));
      terminal.err(`    moved to ${terminal.safe(movedTo)}`);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      terminal.err(`    it stays where it is: it cannot be moved (${code})`);
    }
  }
  await rejected.add(clip, stamp, movedTo, clock.now());
  folder.finish(clip.path);
}

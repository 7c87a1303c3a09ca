import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { fileHash } from '../batch/identify.ts';
import type { Clip, ProbedClip, RejectedClip } from '../core/clip.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createProber } from '../media/probe.ts';
import type { Context } from './context.ts';

/**
 * The copy of a clip that `make` writes, as a clip under the original's name.
 *
 * @param recipe tells what was done to it, as part of a file's name
 * @param make writes the whole file, or throws
 */
export type CopyOf = (
  clip: Pick<Clip, 'path' | 'relativePath' | 'mended'>,
  recipe: string,
  make: (target: string) => Promise<unknown>,
) => Promise<ProbedClip | RejectedClip>;

/**
 * Opens the folder of rbgv's own in which changed copies of clips lie. A copy is named by the bytes
 * that it was made from, so that the same command finds it, and the work that was paid for it; copies
 * that no command wanted for a week are removed.
 */
export async function openCopies(ledger: Ledger, context: Context): Promise<CopyOf> {
  const folder = join(context.environment.stateDir, 'mended');
  const probe = createProber(await context.tools());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOld(folder, context.clock.now());
  return async (clip, recipe, make) => {
    const sha256 = await fileHash(clip.path, ledger);
    if (sha256 === undefined) throw new Error('the file changed while it was read');
    const path = join(folder, `${sha256}-${recipe}.mp4`);
    const isThere = (await stat(path).catch(() => undefined)) !== undefined;
    if (!isThere) await make(path);
    // Whole seconds can be set again exactly: a copy must not look changed to another run.
    const now = context.clock.now() / 1000;
    const mtime = isThere ? (await stat(path)).mtimeMs / 1000 : Math.floor(now);
    await utimes(path, now, mtime);
    const stats = await stat(path);
    return probe({ ...clip, path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs });
  };
}

const KEPT_MS = 7 * 86_400_000;

async function removeOld(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { atimeMs = now, mtimeMs = now } = (await stat(path).catch(() => undefined)) ?? {};
    if (Math.max(atimeMs, mtimeMs) < now - KEPT_MS) await rm(path, { force: true });
  }
}

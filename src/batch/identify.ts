import type { Clip } from '../core/clip.ts';
import { hashOutput, stampOutput } from '../files/outputStamp.ts';
import type { FileStamp, Ledger } from '../ledger/ledger.ts';

/** A file's stamp now, or a folder of frames'; `undefined` when it is gone. */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  const stamp = await stampOutput(path);
  return stamp === undefined ? undefined : { path, ...stamp };
}

/** Whether the file is still the one that was probed. */
function isProbed(stamp: FileStamp | undefined, clip: Clip): stamp is FileStamp {
  return stamp?.sizeBytes === clip.sizeBytes && stamp.mtimeMs === clip.mtimeMs;
}

/**
 * The SHA-256 of a file, or of a folder of frames, read at most once per version of it.
 *
 * @returns `undefined` when the file is gone or changed while it was read
 */
export async function fileHash(path: string, ledger: Ledger): Promise<string | undefined> {
  const before = await stampOf(path);
  if (before === undefined) return undefined;
  const cached = ledger.cachedHash(before);
  if (cached !== undefined) return cached;
  const sha256 = await hashOutput(path);
  const after = await stampOf(path);
  if (after?.sizeBytes !== before.sizeBytes || after.mtimeMs !== before.mtimeMs) return undefined;
  ledger.storeHash(after, sha256);
  return sha256;
}

/** The hash of a clip as it was probed; `undefined` when it changed since. */
export async function clipHash(clip: Clip, ledger: Ledger): Promise<string | undefined> {
  if (!isProbed(await stampOf(clip.path), clip)) return undefined;
  return fileHash(clip.path, ledger);
}

/** The hash of a clip if it was ever read; nothing is read now. */
export async function knownClipHash(clip: Clip, ledger: Ledger): Promise<string | undefined> {
  const stamp = await stampOf(clip.path);
  return isProbed(stamp, clip) ? ledger.cachedHash(stamp) : undefined;
}

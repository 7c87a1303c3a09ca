import { Readable } from 'node:stream';

import { ApiError } from '../api/apiError.ts';
import { backoffMs } from '../core/backoff.ts';
import { beginPart, dropPart, resumablePart, writePart } from '../files/partFile.ts';
import type { BatchDeps } from './deps.ts';

/** Interruptions of one URL's download that are continued where they stopped. */
const PIECES = 5;

/**
 * Brings what is behind a URL into a part file, whole: its length is what the server announced. Goes
 * on with what this or an earlier process left there, as long as the same strong ETag and the same
 * length prove that it is the same object; else begins at byte 0.
 *
 * @throws ApiError when it cannot be read, or not to its end; a system error when the disk refuses
 */
export async function download(
  url: string,
  partPath: string,
  onProgress: (fraction: number, totalBytes: number) => void,
  deps: BatchDeps,
): Promise<void> {
  for (let piece = 1; ; piece += 1) {
    const resume = await resumablePart(partPath);
    if (resume !== undefined && resume.offset === resume.totalBytes) {
      // All of it came, but whether it reached the disk only its writer knew.
      await writePart(partPath, Readable.from([]), resume.offset, () => undefined);
      return;
    }
    let length = resume?.offset ?? 0;
    let failure: unknown;
    try {
      const output = await deps.api.openOutput({ url, resume }, deps.signal);
      const { offset, totalBytes, etag, body } = output;
      if (offset === 0) {
        const tag =
          etag === undefined || totalBytes === undefined ? undefined : { etag, totalBytes };
        await beginPart(partPath, tag);
      }
      length = await writePart(partPath, body, offset, (bytes) => {
        length = bytes;
        if (totalBytes !== undefined) onProgress(bytes / totalBytes, totalBytes);
      });
      if ((totalBytes ?? length) === length) return;
    } catch (error) {
      deps.signal.throwIfAborted();
      const changed = error instanceof ApiError && error.code === 'output_changed';
      if (isDiskError(error) || (error instanceof ApiError && !changed)) throw error;
      if (changed) await dropPart(partPath);
      failure = error;
    }
    if (piece === PIECES) {
      throw new ApiError('output_cut', `the download stopped at byte ${length}`, {
        outcome: 'ambiguous',
        cause: failure,
      });
    }
    await deps.clock.sleep(backoffMs(piece, deps.random), deps.signal);
  }
}

const DISK_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EACCES',
  'EPERM',
  'EFBIG',
]);

export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && DISK_CODES.has(String(error.code));
}

import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { OutputRequest } from '../api/api.ts';
import { ApiError } from '../api/apiError.ts';
import { backoffMs } from '../core/backoff.ts';
import type { OutputRecord } from '../core/job.ts';
import type { Steadiness } from '../core/steadiness.ts';
import { hashFile } from '../files/hashFile.ts';
import { fileLength, writePart } from '../files/partFile.ts';
import type { VerifyExpectation } from '../media/verify.ts';
import type { BatchDeps } from './deps.ts';

/** Fetches of one output, each from a fresh URL, before it counts as bad. */
const FETCHES = 3;
/** Interruptions within one fetch that are continued where they stopped. */
const PIECES = 5;

export type FetchResult =
  | {
      readonly kind: 'verified';
      readonly output: OutputRecord;
      readonly steadiness: Steadiness | undefined;
    }
  /** The bytes are there and are not what was paid for. */
  | { readonly kind: 'bad'; readonly code: string; readonly reason: string }
  /** It could not be read now; the job is paid, and a later run may try again. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Where an output grows before it is checked: hidden, beside its final place. */
export function partPathOf(wantedPath: string, key: string): string {
  return join(dirname(wantedPath), `.${basename(wantedPath)}.${key.slice(0, 8)}.part`);
}

/**
 * Brings a completed job's output to disk and checks it. Free, and repeated from fresh URLs until
 * the same bytes fail twice: output URLs expire, and transfers break.
 *
 * @throws ApiError when the service cannot be asked; a system error when the disk refuses
 */
export async function fetchOutput(
  jobId: string,
  partPath: string,
  expected: VerifyExpectation,
  onProgress: (fraction: number) => void,
  deps: BatchDeps,
): Promise<FetchResult> {
  await mkdir(dirname(partPath), { recursive: true });
  let problem: FetchResult = { kind: 'unreachable', reason: 'the service names no output' };
  let badSha256: string | undefined;
  for (let attempt = 1; attempt <= FETCHES; attempt += 1) {
    if (attempt > 1) await deps.clock.sleep(backoffMs(attempt - 1, deps.random), deps.signal);
    try {
      const url = await freshUrl(jobId, deps);
      if (url === undefined) continue;
      await download(url, partPath, onProgress, deps);
    } catch (error) {
      if (!(error instanceof ApiError) || error.isAuthFailure) throw error;
      problem = { kind: 'unreachable', reason: error.message };
      continue;
    }
    const check = await deps.verify(partPath, expected);
    const sha256 = await hashFile(partPath);
    if (check.ok) {
      const sizeBytes = (await fileLength(partPath)) ?? 0;
      return { kind: 'verified', output: { sha256, sizeBytes }, steadiness: check.steadiness };
    }
    problem = { kind: 'bad', code: check.code, reason: check.reason };
    await rm(partPath, { force: true });
    if (sha256 === badSha256) break;
    badSha256 = sha256;
  }
  return problem;
}

async function freshUrl(jobId: string, deps: BatchDeps): Promise<string | undefined> {
  const view = await deps.api.getJob(jobId, deps.signal);
  return view.outputUrl ?? (await deps.api.downloadUrl(jobId, deps.signal));
}

/** One output into its part file, whole: its length is what the server announced. */
async function download(
  url: string,
  partPath: string,
  onProgress: (fraction: number) => void,
  deps: BatchDeps,
): Promise<void> {
  let resume: OutputRequest['resume'];
  for (let piece = 1; ; piece += 1) {
    const output = await deps.api.openOutput({ url, resume }, deps.signal);
    let length = output.offset;
    let failure: unknown;
    try {
      length = await writePart(partPath, output.body, output.offset, (bytes) => {
        length = bytes;
        if (output.totalBytes !== undefined) onProgress(bytes / output.totalBytes);
      });
    } catch (error) {
      deps.signal.throwIfAborted();
      if (isDiskError(error)) throw error;
      failure = error;
    }
    if (failure === undefined && (output.totalBytes ?? length) === length) return;
    if (piece === PIECES) {
      throw new ApiError('output_cut', `the download stopped at byte ${length}`, {
        outcome: 'ambiguous',
        cause: failure,
      });
    }
    // Only a strong tag proves that the next piece belongs to the same bytes.
    const etag = output.etag;
    const onDisk = (await fileLength(partPath)) ?? 0;
    resume = etag === undefined || onDisk === 0 ? undefined : { offset: onDisk, etag };
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

import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { ApiError } from '../api/apiError.ts';
import type { OutputRecord } from '../core/job.ts';
import type { Steadiness } from '../core/steadiness.ts';
import { hashOutput, stampOutput } from '../files/outputStamp.ts';
import { dropPart, forgetTag } from '../files/partFile.ts';
import { syncFolder } from '../files/syncFolder.ts';
import { extractFrames } from '../media/extractFrames.ts';
import type { VerifyExpectation } from '../media/verify.ts';
import type { BatchDeps } from './deps.ts';
import { download } from './download.ts';

/** Told the fraction that is there, 0..1, of how many bytes. */
type OnProgress = (fraction: number, totalBytes: number) => void;

export type FetchResult =
  | {
      readonly kind: 'verified';
      readonly output: OutputRecord;
      readonly steadiness: Steadiness | undefined;
    }
  /** The bytes are there, came three times, and are not what was paid for. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** It could not be read now; the job is paid, and a later run may try again. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Where an output is to stand once it is checked, and in which form. */
export interface FetchTarget {
  /** What will be published: the file, or the folder of frames. */
  readonly partPath: string;
  /** The service sends a zip, and frames are wanted. */
  readonly unpack: boolean;
}

/** Where an output grows before it is checked: hidden, beside its final place. */
export function partPathOf(wantedPath: string, key: string): string {
  return join(dirname(wantedPath), `.${basename(wantedPath)}.${key.slice(0, 8)}.part`);
}

/** Fetches, each from a fresh URL, before an output that fails its checks counts as bad. */
const MOST_BAD = 3;
const BAD_PAUSE_MS = 1_000;

/**
 * What comes before each pair of tries, in milliseconds: a URL may have expired, or the content
 * delivery network may be behind. Each pair asks the job itself, then the second door for a URL.
 */
const WAITS_MS = [0, 2_000, 60_000, 300_000, 1_800_000];
const DOORS = ['job', 'download'] as const;

/**
 * Brings a completed job's output to disk and checks it. Free, and repeated from fresh URLs: they
 * are time-bound (vendor page: workflow), and transfers break.
 *
 * @param job its `outputUrl` as it was seen a moment ago, which saves a question; else `undefined`
 * @throws ApiError when the key is refused and no other way leads to the output; a system error
 *   when the disk refuses
 */
export async function fetchOutput(
  job: { readonly jobId: string; readonly outputUrl: string | undefined },
  target: FetchTarget,
  expected: VerifyExpectation,
  onProgress: OnProgress,
  deps: BatchDeps,
): Promise<FetchResult> {
  const filePath = target.unpack ? `${target.partPath}.zip` : target.partPath;
  await mkdir(dirname(filePath), { recursive: true });
  let reason = 'the service names no output';
  let knownUrl = job.outputUrl;
  let waitedMs = 0;
  let bad = 0;
  for (const waitMs of WAITS_MS) {
    waitedMs += waitMs;
    if (waitedMs > deps.jobTimeoutMs) break;
    let refusal: ApiError | undefined;
    for (const door of DOORS) {
      const usualMs = door === 'job' ? waitMs : 0;
      const pauseMs = bad > 0 ? BAD_PAUSE_MS : usualMs;
      await pause(pauseMs, reason, deps);
      try {
        const url = knownUrl ?? (await freshUrl(door, job.jobId, deps));
        knownUrl = undefined;
        if (url === undefined) continue;
        await download(url, filePath, onProgress, deps);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.isAuthFailure) refusal = error;
        reason = error.message;
        continue;
      }
      const check = await deps.verify(filePath, expected);
      try {
        if (check.ok) {
          const output = await finish(filePath, target);
          return { kind: 'verified', output, steadiness: check.steadiness };
        }
        reason = `${check.code}: ${check.reason}`;
      } catch (error) {
        if (isSystemError(error)) throw error;
        reason = `unpackable: ${(error as Error).message}`;
      }
      bad += 1;
      await dropPart(filePath);
      if (bad === MOST_BAD) return { kind: 'bad', reason };
    }
    // The second door needs no key; where it does not help, the refused one is the news.
    if (refusal !== undefined) throw refusal;
  }
  return { kind: 'unreachable', reason };
}

async function pause(ms: number, reason: string, deps: BatchDeps): Promise<void> {
  if (ms === 0) return;
  deps.report({ type: 'retry', what: 'download', delayMs: ms, reason, requestId: undefined });
  await deps.clock.sleep(ms, deps.signal);
}

async function freshUrl(
  door: (typeof DOORS)[number],
  jobId: string,
  deps: BatchDeps,
): Promise<string | undefined> {
  if (door === 'download') return deps.api.downloadUrl(jobId, deps.signal);
  return (await deps.api.getJob(jobId, deps.signal)).outputUrl;
}

/** The disk's word, as against an archive's fault. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** From a checked file to what will be published. */
async function finish(filePath: string, { partPath, unpack }: FetchTarget): Promise<OutputRecord> {
  if (unpack) {
    await extractFrames(filePath, partPath);
    await syncFolder(partPath);
  }
  const sizeBytes = (await stampOutput(partPath))?.sizeBytes ?? 0;
  const sha256 = await hashOutput(partPath);
  await forgetTag(filePath);
  if (unpack) await rm(filePath, { force: true });
  return { sha256, sizeBytes };
}

import type { Readable } from 'node:stream';

import type { JobView } from '../core/jobView.ts';
import type { Model } from '../core/model.ts';
import type { JobSettings } from '../core/settings.ts';
import type { UsageEvent, UsageTotals } from '../core/usage.ts';

/** A file to upload; read from disk while it is sent, never held in memory. */
export interface UploadSource {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Called with the fraction sent, 0..1. */
  readonly onProgress: (fraction: number) => void;
  /**
   * Hands the file's bytes on no faster than they may be sent; default: as they come. Each piece is
   * good until the next is asked for.
   */
  readonly paced?: (bytes: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
}

export interface Upload {
  readonly videoUrl: string;
  /** SHA-256 of the file's bytes as they were sent, hex. */
  readonly sentSha256: string;
  /** As counted by the server, when it says. */
  readonly sizeBytes: number | undefined;
}

/** An output on its way: the caller reads `body` to the end or destroys it. */
export interface OutputStream {
  /** Byte at which `body` begins: 0, or what was asked for. */
  readonly offset: number;
  /** Length of the whole output; `undefined` when the server does not say. */
  readonly totalBytes: number | undefined;
  /** Only a strong one; weak tags cannot prove that two pieces fit together. */
  readonly etag: string | undefined;
  readonly body: Readable;
}

/** A part of the account's jobs. */
export interface JobPage {
  readonly limit: number;
  readonly offset: number;
  /** Only those that the service lists under this word; it may not know the filter. */
  readonly status?: string;
}

export interface OutputRequest {
  readonly url: string;
  /** Continue an earlier download: its length so far, and the object it is a piece of. */
  readonly resume:
    { readonly offset: number; readonly etag: string; readonly totalBytes: number } | undefined;
}

/** An answer whose fields are documented nowhere, as it came, beside what was understood of it. */
interface Raw {
  readonly raw: unknown;
}

/** The server's answer to a start. */
export interface StartAnswer {
  readonly status: string | undefined;
  /** What support asks for, when the server gave it. */
  readonly requestId: string | undefined;
}

/**
 * The service as rbgv uses it. Every call rejects with `ApiError`, or with the signal's reason
 * when aborted. None of them retries: `withRetries` adds that where a repeat is harmless.
 */
export interface Api {
  readonly keyFingerprint: string;
  /** How fast the key is used now, as far as has been found out; infinite without a shared rate. */
  readonly requestsPerSecond: () => number;
  /** Free. Sent twice it leaves an unused file on the server. */
  upload(source: UploadSource, signal: AbortSignal): Promise<Upload>;
  /**
   * Free: creates a draft. Sent twice it leaves an unused draft that is never started.
   *
   * @param repeat `never_blindly`, as long as it is not known that this server makes drafts at all:
   *   only a refusal for the number of requests, after which nothing was made, is sent again
   */
  createDraft(
    videoUrl: string,
    settings: JobSettings,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
    repeat?: 'never_blindly',
  ): Promise<JobView>;
  /**
   * Waits until a start may be sent. Asked before the intent to start is written down, so that few
   * intents are open at any time. The caller gives the turn back, whatever comes of it.
   */
  turnToStart(signal: AbortSignal): Promise<() => void>;
  /** **Costs money.** Sent twice it may charge twice: no idempotency key exists. */
  startJob(
    jobId: string,
    settings: Pick<JobSettings, 'composition'>,
    signal: AbortSignal,
  ): Promise<StartAnswer>;
  getJob(jobId: string, signal: AbortSignal): Promise<JobView>;
  /**
   * One page of the account's jobs. Order, largest page and envelope are documented nowhere; jobs
   * without a usable id are left out.
   */
  listJobs(page: JobPage, signal: AbortSignal): Promise<readonly JobView[]>;
  /** A fresh output URL by the second, key-less way; `undefined` when there is none yet. */
  downloadUrl(jobId: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Opens an output for reading. Carries no key: the URL is the permission. Rejects with code
   * `output_changed` when the rest of an earlier download is not to be had.
   */
  openOutput(request: OutputRequest, signal: AbortSignal): Promise<OutputStream>;
  pricing(signal: AbortSignal): Promise<Readonly<Record<Model, number>>>;
  /** `days` 1..90. */
  usageSummary(days: number, signal: AbortSignal): Promise<Raw & { readonly totals: UsageTotals }>;
  /** `limit` 1..100; how many there are, and whether they can be paged, is documented nowhere. */
  usageEvents(
    limit: number,
    signal: AbortSignal,
  ): Promise<Raw & { readonly events: readonly UsageEvent[] }>;
  health(signal: AbortSignal): Promise<void>;
}

import type PQueue from 'p-queue';

import type { Api } from '../api/api.ts';
import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import type { PendingCode } from '../core/outcome.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { VerifyExpectation, VerifyResult } from '../media/verify.ts';
import type { CreditsHold } from './creditsHold.ts';
import type { JobSlots } from './jobSlots.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import type { Poller } from './poller.ts';

/** What a batch works with; put together once, in the command line's composition root. */
export interface BatchDeps {
  readonly runId: string;
  /** Retries what is free to repeat. */
  readonly api: Api;
  /** The same service without retries, for the one draft that must not be repeated blindly. */
  readonly apiOnce: Api;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly verify: (path: string, expected: VerifyExpectation) => Promise<VerifyResult>;
  /** Bytes free where a path will be written. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** Aborted by the first ^C: no new work, transfers stop, starts on the wire are waited for. */
  readonly signal: AbortSignal;
  /** Out of credits: wait for a top-up instead of ending the run. */
  readonly waitCredits: boolean;
  /** Jobs at work on the server at once, at most; fewer while it says that there are too many. */
  readonly concurrency: number;
  readonly order: WorkOrder;
  /** How long one started job is waited for, in milliseconds. */
  readonly jobTimeoutMs: number;
  /**
   * How long after an unclear start the server may still carry it out, in milliseconds. At least
   * the start's own time limit plus half a minute for a service behind a network.
   */
  readonly quietMs: number;
  /**
   * Where webhooks are received: calls back with ids of jobs of which there may be news, until the
   * run ends. `undefined` when nobody listens for any.
   */
  readonly onHint: ((hint: (jobId: string) => void) => void) | undefined;
}

/** A reason for which the whole run stops taking on new work. */
export interface Gate {
  readonly code: PendingCode;
  readonly reason: string;
}

/** What the clips of one run share while it lasts. */
export interface BatchState {
  /** Once shut it stays shut for this run; polls and downloads of paid work go on. */
  gate: Gate | undefined;
  /** Out of credits, and waiting for more. */
  hold: CreditsHold | undefined;
  /** Waits for started jobs. */
  readonly poller: Poller;
  /** Settled once this run has seen a fresh draft of this server. */
  canary: Promise<void> | undefined;
  readonly slots: JobSlots;
  /** Whole files read at the same time. */
  readonly reading: PQueue;
}

import type PQueue from 'p-queue';

import type { Api } from '../api/api.ts';
import type { Connection } from '../api/keyRing.ts';
import type { Clock } from '../core/clock.ts';
import type { Report } from '../core/events.ts';
import type { PendingCode } from '../core/outcome.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { VerifyExpectation, VerifyResult } from '../media/verify.ts';
import type { Flights } from './budget.ts';
import type { CreditsHold } from './creditsHold.ts';
import type { JobSlots } from './jobSlots.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import type { Poller } from './poller.ts';
import type { StartTurns } from './startTurn.ts';

/** What a batch works with; put together once, in the command line's composition root. */
export interface BatchDeps {
  readonly runId: string;
  /** By the key for new work, which may change while a run lasts. Retries what is free to repeat. */
  readonly api: Api;
  /** The same service without retries, for the one draft that must not be repeated blindly. */
  readonly apiOnce: Api;
  /** The service by the key with that fingerprint; `undefined` when the user did not give it. */
  readonly connectionFor: (fingerprint: string) => Connection | undefined;
  /** The key was refused: whether new work has another one now. */
  readonly renewKey: (fingerprint: string, signal: AbortSignal) => Promise<boolean>;
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
  /** Percentages of a budget or the wallet at which the report says so, each once; 1..100. */
  readonly alertAt: readonly number[];
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
  readonly turns: StartTurns;
  /** Fingerprints of keys that the service refused in this run. */
  readonly refusedKeys: Set<string>;
  /** Waits for started jobs, by the key that can see them. */
  readonly pollerFor: (connection: Connection) => Poller;
  readonly flights: Flights;
  /** Settled once this run has seen a fresh draft of this server. */
  canary: Promise<void> | undefined;
  readonly slots: JobSlots;
  /** Says which levels of budgets and wallet were reached; after each start. */
  readonly tellAlerts: () => void;
  /** Whole files read at the same time. */
  readonly reading: PQueue;
}

import { NO_CREDITS, type Credits } from '../../core/credits.ts';
import type { BatchEvent } from '../../core/events.ts';
import type { JobState } from '../../core/job.ts';

/** What a run has before it, as far as a display needs to know. */
export interface Workload {
  /** Clips to be worked and clips rejected. */
  readonly total: number;
  /** Sum over the clips that are not known to be paid. */
  readonly cost: Credits;
  /** Of video, over all clips. */
  readonly seconds: number;
  /** By relative path: seconds of video, and what it costs. */
  readonly clips: ReadonlyMap<string, { readonly seconds: number; readonly credits: Credits }>;
}

/** Where a clip stands, in the order of its way. */
export const PHASES = ['upload', 'uploaded', 'start', 'processing', 'download', 'publish'] as const;
export type Phase = (typeof PHASES)[number];

/** A clip at work. */
export interface ActiveClip {
  readonly relativePath: string;
  readonly phase: Phase;
  /** Of the phase, 0..1. */
  readonly fraction: number | undefined;
  readonly totalBytes: number | undefined;
  /** Milliseconds on the clock that never jumps. */
  readonly begunAt: number;
}

/** A run at one moment; folded from its events, each in constant time. */
export interface LiveState {
  readonly work: Workload;
  readonly begunAt: number;
  readonly active: ReadonlyMap<string, ActiveClip>;
  readonly ended: Readonly<Record<'done' | 'failed' | 'rejected' | 'pending', number>>;
  /** Starts on their way, whose answer is awaited. */
  readonly reserved: Credits;
  readonly spent: Credits;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Seconds of video that this run has done, and those that were there already. */
  readonly doneSeconds: number;
  readonly reusedSeconds: number;
}

const PHASE_OF: Readonly<Partial<Record<JobState, Phase>>> = {
  uploaded: 'uploaded',
  created: 'start',
  starting: 'start',
  unclear: 'start',
  started: 'processing',
  processed: 'download',
  verified: 'publish',
};

/** Keeps the state of a run; `report` is to be told every event. */
export function createLiveState(
  work: Workload,
  now: () => number,
): { report(event: BatchEvent): void; state(): LiveState } {
  const active = new Map<string, ActiveClip>();
  const ended = { done: 0, failed: 0, rejected: 0, pending: 0 };
  const reserved = new Map<string, Credits>();
  const sums = { reserved: 0, spent: 0, sentBytes: 0, receivedBytes: 0 };
  const seconds = { doneSeconds: 0, reusedSeconds: 0 };
  const begunAt = now();

  function enter(relativePath: string, change: Pick<ActiveClip, 'phase'> & Partial<ActiveClip>) {
    const known = active.get(relativePath);
    const blank = { fraction: undefined, totalBytes: undefined, begunAt: now() };
    active.set(relativePath, {
      relativePath,
      ...blank,
      ...(known === undefined ? {} : { begunAt: known.begunAt }),
      ...change,
    });
  }

  function release(relativePath: string): void {
    sums.reserved -= reserved.get(relativePath) ?? 0;
    reserved.delete(relativePath);
  }

  function report(event: BatchEvent): void {
    switch (event.type) {
      case 'clip_state': {
        const { relativePath, state } = event;
        const phase = PHASE_OF[state];
        if (phase !== undefined) enter(relativePath, { phase });
        if (state === 'unclear') break;
        release(relativePath);
        const price = work.clips.get(relativePath)?.credits ?? NO_CREDITS;
        if (state === 'starting') {
          reserved.set(relativePath, price);
          sums.reserved += price;
        } else if (state === 'started') sums.spent += price;
        break;
      }
      case 'clip_progress': {
        const { relativePath, phase, fraction, totalBytes } = event;
        const before = active.get(relativePath);
        const from = before?.phase === phase ? (before.fraction ?? 0) : 0;
        const moved = Math.max(0, fraction - from) * (totalBytes ?? 0);
        if (phase === 'upload') sums.sentBytes += moved;
        else sums.receivedBytes += moved;
        enter(relativePath, { phase, fraction, totalBytes });
        break;
      }
      case 'clip_outcome': {
        const { outcome } = event;
        release(outcome.relativePath);
        active.delete(outcome.relativePath);
        ended[outcome.status] += 1;
        const length = work.clips.get(outcome.relativePath)?.seconds ?? 0;
        const isReused = outcome.status === 'done' && outcome.reused;
        seconds[isReused ? 'reusedSeconds' : 'doneSeconds'] += length;
        break;
      }
      case 'retry':
      case 'budget_alert':
      case 'hold':
        break;
    }
  }

  return {
    report,
    state: () => ({
      work,
      begunAt,
      active,
      ended: { ...ended },
      ...seconds,
      sentBytes: sums.sentBytes,
      receivedBytes: sums.receivedBytes,
      reserved: sums.reserved as Credits,
      spent: sums.spent as Credits,
    }),
  };
}

import type { BudgetAlert } from './budget.ts';
import type { JobState } from './job.ts';
import type { Outcome } from './outcome.ts';

/** What a batch reports while it works. Reporters decide what a person sees. */
export type BatchEvent =
  | { readonly type: 'clip_state'; readonly relativePath: string; readonly state: JobState }
  | {
      readonly type: 'clip_progress';
      readonly relativePath: string;
      readonly phase: 'upload' | 'processing' | 'download';
      /** 0..1 */
      readonly fraction: number;
      /** Of the whole file that is uploaded or downloaded; `undefined` for work at the service. */
      readonly totalBytes: number | undefined;
    }
  | {
      readonly type: 'retry';
      readonly what: string;
      readonly delayMs: number;
      readonly reason: string;
      readonly requestId: string | undefined;
    }
  | { readonly type: 'budget_alert'; readonly alert: BudgetAlert }
  /** All calls wait: the service limits the rate, or is out of reach. */
  | { readonly type: 'hold'; readonly delayMs: number; readonly reason: string }
  | { readonly type: 'clip_outcome'; readonly outcome: Outcome };

export type Report = (event: BatchEvent) => void;

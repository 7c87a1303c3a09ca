import type { Mended } from './clip.ts';
import type { Credits } from './credits.ts';
import type { Model, OutputFormat } from './model.ts';

/** How one clip of a run ended. */
export type Outcome = OutcomeBase &
  (
    | {
        readonly status: 'done';
        /** Absolute path of the published file, or of the folder of frames. */
        readonly outputPath: string;
        /** Nothing was sent for it: an earlier run or another clip of this one had paid. */
        readonly reused: boolean;
      }
    | { readonly status: 'failed'; readonly code: string; readonly reason: string }
    /** Rejected before anything was sent. */
    | { readonly status: 'rejected'; readonly code: string; readonly reason: string }
    /** Can be resumed; nothing is lost. `paid` tells whether the server is already at work. */
    | {
        readonly status: 'pending';
        readonly code: PendingCode;
        readonly reason: string;
        readonly paid: boolean;
      }
  );

export type PendingCode =
  | 'interrupted'
  | 'auth'
  | 'credits'
  | 'budget'
  | 'unavailable'
  | 'output_unreachable'
  | 'timeout'
  | 'unclear_start'
  | 'busy'
  | 'disk'
  | 'invisible'
  | 'broken_contract';

interface OutcomeBase {
  /** Of the file that was sent. */
  readonly path: string;
  /** Set when that file is a copy that rbgv made. */
  readonly mended?: Mended | undefined;
  readonly relativePath: string;
  readonly model: Model;
  readonly format: OutputFormat;
  readonly durationSeconds: number | undefined;
  /** What rbgv's books hold for it: the estimate, once the paid start happened in this run. */
  readonly credits: Credits;
  readonly jobId: string | undefined;
  readonly elapsedMs: number;
}

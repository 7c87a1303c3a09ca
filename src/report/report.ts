import type { Judged } from '../core/comparison.ts';
import type { Credits } from '../core/credits.ts';
import type { OutputFormat } from '../core/model.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Steadiness } from '../core/steadiness.ts';
import type { CostTable } from './costs.ts';
import type { Span } from './spans.ts';

/** Everything that a report tells of one run: data from the ledger, handed in by the command. */
export interface RunReport {
  readonly run: ReportedRun;
  /** In the order of the plan. */
  readonly clips: readonly ReportedClip[];
  /** One table for each way to look at what was spent. */
  readonly costs: readonly CostTable[];
  /** One for each clip that went through several models. */
  readonly comparisons: readonly Comparison[];
}

/** What several models made of one clip. */
export interface Comparison {
  /** The clip's own, whatever each output is called. */
  readonly name: string;
  readonly outputs: readonly ComparedOutput[];
}

export interface ComparedOutput extends Judged {
  /** One of the report's clips. */
  readonly clip: ReportedClip;
}

export interface ReportedRun {
  readonly id: string;
  readonly profile: string;
  /** Version of rbgv that writes the report. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** `undefined` while it runs, or when its process was killed. */
  readonly finishedAt: number | undefined;
}

export interface ReportedClip {
  /** Path below the input folder; may hold any character. */
  readonly name: string;
  readonly model: string;
  readonly format: OutputFormat;
  /** The outcome's status, or `open` when the run never came to an end with it. */
  readonly status: Outcome['status'] | 'open';
  /** Why it is not done; `undefined` for a clip that is done, or open. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** `undefined` for a clip that was never measured. */
  readonly durationSeconds: number | undefined;
  readonly credits: Credits;
  readonly jobId: string | undefined;
  /** The server's name for the request that was charged. */
  readonly requestId: string | undefined;
  /** The output as a link from the report's folder; `undefined` when there is none. */
  readonly href: string | undefined;
  readonly spans: readonly Span[];
  readonly steadiness: Steadiness | undefined;
}

/** One clip before and after, at the same moment, as small WebP pictures. */
export interface Pictures {
  readonly before: Uint8Array;
  /** With the output's alpha. */
  readonly after: Uint8Array;
}

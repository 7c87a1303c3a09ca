import type { Plan } from '../../batch/plan.ts';
import type { WorkOrder } from '../../core/workOrder.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunReport } from '../../report/report.ts';
import type { ReportStyle } from '../report/reporter.ts';
import type { AlarmLimits } from '../runAlarms.ts';
import type { WebhookOptions } from '../webhookHints.ts';

/** How a run is carried out and shown; what it does is in its plan. */
export interface SessionOptions extends WebhookOptions, ReportStyle, AlarmLimits {
  readonly concurrency?: number;
  /** Which clips are begun first; default `longest`. */
  readonly order?: WorkOrder;
  /** Uploads and downloads together, in bytes a second. */
  readonly bwlimit?: number;
  readonly maxCredits?: number;
  /** Credits in a UTC day, over all runs that share the ledger. */
  readonly maxCreditsDay?: number;
  /** The same for a UTC month. */
  readonly maxCreditsMonth?: number;
  /** Too dear at worst: start what fits. */
  readonly fit?: boolean;
  readonly alertAt?: readonly number[];
  readonly alertUrl?: string;
  /** Minutes that one job is waited for. */
  readonly timeout?: number;
  readonly yes?: boolean;
  /** Out of credits: wait for a top-up. */
  readonly waitCredits?: boolean;
  /** Pay again for clips whose job failed. */
  readonly repay?: boolean;
  /** So many clips first; the others once these were looked at. */
  readonly canary?: number;
  readonly dryRun?: boolean;
  readonly contactSheet?: string;
  /** `false`: no page about the run in its results folder. */
  readonly report?: boolean;
}

/** What a command shows of its run in its own way. */
export interface SessionView {
  /** Instead of the plan's table. */
  planTable(plan: Plan): string;
  /** Looks at what came of the run, once it has ended. */
  ended(runId: string, ledger: Ledger, signal: AbortSignal): Promise<Ended>;
}

/** What came of a run, as its command shows it. */
export interface Ended {
  /** Instead of the table of outcomes. */
  readonly table: string;
  /** A line before the summary's. */
  readonly json: unknown;
  /** What the page about the run is to tell. */
  readonly report: RunReport;
  /** The last that is said. */
  readonly afterword: string | undefined;
}

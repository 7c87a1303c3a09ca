import { sumCredits, type Credits } from '../core/credits.ts';
import { startEvidence } from '../core/evidence.ts';
import type { JobView } from '../core/jobView.ts';
import { billsFrom, type Bill, type UsageEvent, type UsageTotals } from '../core/usage.ts';

/** A paid start as rbgv's books have it. */
export interface BookEntry {
  readonly jobId: string;
  readonly model: string;
  readonly state: string;
  /** Microseconds of video. */
  readonly durationUs: number;
  readonly estimate: Credits;
  readonly billed: Credits | undefined;
}

/** All that can be compared for some days. */
export interface Sources {
  readonly books: readonly BookEntry[];
  /** Every job id that the ledger knows, of any day. */
  readonly known: ReadonlySet<string>;
  readonly totals: UsageTotals;
  readonly events: readonly UsageEvent[];
  readonly listed: readonly JobView[];
  /** The service's word for drafts, when it is known. */
  readonly draftWord: string | undefined;
  /** Milliseconds since the epoch at which the days begin. */
  readonly sinceMs: number;
}

export type DifferenceKind =
  | 'charge_differs'
  | 'charged_more_than_once'
  | 'failed_and_charged'
  | 'not_in_job_list'
  | 'not_in_ledger'
  | 'totals_differ';

export interface Difference {
  readonly kind: DifferenceKind;
  /** `undefined` for sums. */
  readonly jobId: string | undefined;
  /** By rbgv's books: the estimate. */
  readonly expected: Credits | undefined;
  /** By the service. */
  readonly billed: Credits | undefined;
}

export interface Reconciliation {
  readonly differences: readonly Difference[];
  /** Of the books' jobs, those whose bill some source tells. */
  readonly bills: ReadonlyMap<string, Bill>;
  readonly estimated: Credits;
  /** Estimates of the jobs with a bill, to be held against `billed`. */
  readonly estimatedOfBilled: Credits;
  readonly billed: Credits;
  /** Largest departure from the estimates, as a share; `Infinity` for a bill where 0 was due. */
  readonly drift: number;
}

/** A bill may be rounded to the hundredth, or measured by a frame. */
const MEANINGLESS_SHARE = 0.01;
const MEANINGLESS = 10_000;

/** Compares rbgv's books with everything that the service says. */
export function reconcile(sources: Sources): Reconciliation {
  const { books, known, totals, events, listed } = sources;
  const views = new Map(listed.map((view) => [view.id, view]));
  const told = billsFrom(events);
  const bills = new Map<string, Bill>();
  const differences: Difference[] = [];
  const note = (
    kind: DifferenceKind,
    jobId: string | undefined,
    expected: Credits | undefined,
    billed: Credits | undefined,
  ): void => void differences.push({ kind, jobId, expected, billed });

  for (const { jobId, state, estimate, billed } of books) {
    const bill = told.get(jobId) ?? billOf(views.get(jobId)?.creditsUsed ?? billed);
    if (!views.has(jobId)) note('not_in_job_list', jobId, estimate, bill?.net);
    if (bill === undefined) continue;
    bills.set(jobId, bill);
    if (bill.charges > 1 && bill.net > estimate) {
      note('charged_more_than_once', jobId, estimate, bill.net);
    } else if (state === 'failed') {
      if (bill.net > 0) note('failed_and_charged', jobId, estimate, bill.net);
    } else if (differs(bill.net, estimate)) {
      note('charge_differs', jobId, estimate, bill.net);
    }
  }
  for (const view of listed) {
    const recent = view.createdAt === undefined || view.createdAt >= sources.sinceMs;
    if (known.has(view.id) || !recent) continue;
    if (startEvidence(view, sources.draftWord) !== 'started') continue;
    note('not_in_ledger', view.id, undefined, told.get(view.id)?.net ?? view.creditsUsed);
  }
  for (const [jobId, bill] of told) {
    if (!known.has(jobId) && !views.has(jobId)) note('not_in_ledger', jobId, undefined, bill.net);
  }

  const estimated = sumCredits(books.map((entry) => entry.estimate));
  const withBill = books.filter(({ jobId }) => bills.has(jobId));
  const estimatedOfBilled = sumCredits(withBill.map((entry) => entry.estimate));
  const billed = sumCredits([...bills.values()].map((bill) => bill.net));
  const drifts = [share(billed, estimatedOfBilled)];
  if (totals.credits !== undefined) {
    if (differs(totals.credits, estimated)) {
      note('totals_differ', undefined, estimated, totals.credits);
    }
    drifts.push(share(totals.credits, estimated));
  }
  const drift = drifts.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most));
  return { differences, bills, estimated, estimatedOfBilled, billed, drift };
}

function billOf(net: Credits | undefined): Bill | undefined {
  return net === undefined ? undefined : { net, charges: 1 };
}

function differs(one: Credits, other: Credits): boolean {
  return Math.abs(one - other) > Math.max(MEANINGLESS, other * MEANINGLESS_SHARE);
}

function share(actual: Credits, expected: Credits): number {
  if (actual === expected) return 0;
  return expected === 0 ? Infinity : actual / expected - 1;
}

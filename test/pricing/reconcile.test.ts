import { describe, expect, test } from 'vitest';

import { credits } from '../../src/core/credits.ts';
import type { JobView } from '../../src/core/jobView.ts';
import { compareWithBaseline } from '../../src/pricing/baseline.ts';
import { reconcile, type BookEntry, type Sources } from '../../src/pricing/reconcile.ts';

function entry(jobId: string, fields: Partial<BookEntry> = {}): BookEntry {
  return {
    jobId,
    model: 'light',
    state: 'done',
    durationUs: 60_000_000,
    estimate: credits(2),
    billed: undefined,
    ...fields,
  };
}

function view(id: string, fields: Partial<JobView> = {}): JobView {
  return {
    id,
    status: 'completed',
    progress: 100,
    outputUrl: undefined,
    error: undefined,
    billingStatus: undefined,
    creditsUsed: undefined,
    createdAt: 1000,
    metadata: {},
    sawStartedEvent: false,
    ...fields,
  };
}

const event = (jobId: string, amount: number) => ({ jobId, amount: credits(amount), at: 1000 });

function sources(books: readonly BookEntry[], fields: Partial<Sources> = {}): Sources {
  return {
    books,
    known: new Set(books.map(({ jobId }) => jobId)),
    totals: { jobs: undefined, completed: undefined, failed: undefined, credits: undefined },
    events: books.map(({ jobId }) => event(jobId, 2)),
    listed: books.map(({ jobId }) => view(jobId)),
    draftWord: 'created',
    sinceMs: 500,
    ...fields,
  };
}

const kinds = (given: Sources): readonly string[] =>
  reconcile(given).differences.map(({ kind, jobId }) => `${kind} ${jobId ?? 'sum'}`);

describe('the books held against the service', () => {
  test('agree when every bill is as estimated', () => {
    const result = reconcile(sources([entry('a'), entry('b')]));
    expect([result.differences, result.drift]).toEqual([[], 0]);
  });

  test('name the job of every bill that differs, by more than a hundredth', () => {
    const events = [event('a', 2.01), event('b', 120)];
    const result = reconcile(sources([entry('a'), entry('b')], { events }));
    expect(result.differences).toEqual([
      { kind: 'charge_differs', jobId: 'b', expected: credits(2), billed: credits(120) },
    ]);
    expect(result.drift).toBeCloseTo(29.5, 1);
  });

  test('tell a double charge, and not one that was refunded', () => {
    const books = [entry('a'), entry('b')];
    const events = [event('a', 2), event('a', 2), event('b', 2), event('b', -2), event('b', 2)];
    expect(kinds(sources(books, { events }))).toEqual(['charged_more_than_once a']);
  });

  test('tell failed jobs that were charged, and not those that were refunded', () => {
    const books = [entry('a', { state: 'failed' }), entry('b', { state: 'failed' })];
    const events = [event('a', 2), event('b', 2), event('b', -2)];
    expect(kinds(sources(books, { events }))).toEqual(['failed_and_charged a']);
  });

  test('tell jobs that only one side knows, drafts and older ones apart', () => {
    const listed = [
      view('a'),
      view('theirs'),
      view('draft', { status: 'created', progress: 0 }),
      view('old', { createdAt: 100 }),
    ];
    const events = [event('a', 2), event('gone', 7)];
    expect(kinds(sources([entry('a'), entry('b')], { listed, events }))).toEqual([
      'not_in_job_list b',
      'not_in_ledger theirs',
      'not_in_ledger gone',
    ]);
  });

  test('take a bill from the job itself when no event tells it, and the sum from the summary', () => {
    const given = sources([entry('a')], {
      events: [],
      listed: [view('a', { creditsUsed: credits(60) })],
      totals: { jobs: 1, completed: 1, failed: 0, credits: credits(60) },
    });
    expect(kinds(given)).toEqual(['charge_differs a', 'totals_differ sum']);
    expect(reconcile(given).drift).toBe(29);
  });
});

describe('a baseline', () => {
  const jobs = (count: number, fields: Partial<BookEntry> = {}): readonly BookEntry[] =>
    Array.from({ length: count }, (_, index) => entry(String(index), fields));

  test('shows spending for a minute of video that departs, bills before estimates', () => {
    const [trend] = compareWithBaseline(jobs(5, { billed: credits(3) }), jobs(10), 0.2);
    expect(trend?.deviations).toEqual(['spend']);
    expect(trend?.now.creditsPerMinute).toBe(credits(3));
    expect(
      compareWithBaseline(jobs(5, { billed: credits(2.2) }), jobs(10), 0.2)[0]?.deviations,
    ).toEqual([]);
  });

  test('shows failures that chance does not explain, and no single one', () => {
    const failed = (count: number) => jobs(count, { state: 'failed' });
    const one = compareWithBaseline([...jobs(3), ...failed(1)], jobs(10), 0.2);
    const many = compareWithBaseline([...jobs(4), ...failed(6)], jobs(20), 0.2);
    expect([one[0]?.deviations, many[0]?.deviations]).toEqual([[], ['failures']]);
  });

  test('compares each model with itself, and with nothing when too little was done', () => {
    const before = [...jobs(10), ...jobs(4, { model: 'pro', estimate: credits(9) })];
    const now = [...jobs(1), ...jobs(9, { model: 'pro', estimate: credits(8) })];
    const trends = compareWithBaseline(now, before, 0.1);
    expect(
      trends.map(({ model, before: base, deviations }) => [model, base === undefined, deviations]),
    ).toEqual([
      ['light', false, []],
      ['pro', true, []],
    ]);
  });
});

import { formatCredits, sumCredits, toNumber, type Credits } from '../../core/credits.ts';
import type { UsageTotals } from '../../core/usage.ts';
import type { DaySpend, GroupSpend } from '../../ledger/spend.ts';
import type { Terminal } from '../terminal.ts';
import { formatTable } from './table.ts';

/** The service's sums beside rbgv's own. */
export function comparisonTable(totals: UsageTotals, booked: readonly DaySpend[]): string {
  const sum = (pick: (day: DaySpend) => number): string =>
    String(booked.reduce((total, day) => total + pick(day), 0));
  const said = (value: number | undefined): string =>
    value === undefined ? 'not said' : String(value);
  const credits = totals.credits === undefined ? 'not said' : formatCredits(totals.credits);
  return formatTable(
    [
      { title: '' },
      { title: 'service', align: 'right' },
      { title: "rbgv's books", align: 'right' },
    ],
    [
      ['jobs', said(totals.jobs), sum((day) => day.jobs)],
      ['completed', said(totals.completed), sum((day) => day.done)],
      ['failed', said(totals.failed), sum((day) => day.failed)],
      ['credits', credits, formatCredits(sumCredits(booked.map((day) => day.credits)))],
    ],
  );
}

export function bookedTable(booked: readonly DaySpend[]): string {
  if (booked.length === 0) return "rbgv's books hold nothing for these days";
  return formatTable(
    [
      { title: 'day (UTC)' },
      { title: 'model' },
      { title: 'jobs', align: 'right' },
      { title: 'done', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'credits', align: 'right' },
    ],
    booked.map((day) => [
      day.date,
      day.model,
      String(day.jobs),
      String(day.done),
      String(day.failed),
      formatCredits(day.credits),
    ]),
  );
}

/** What one checked output cost, failed jobs included; `undefined` when there was none. */
function perOutput({ credits, done }: GroupSpend): Credits | undefined {
  return done === 0 ? undefined : (Math.round(credits / done) as Credits);
}

/** Groups for people. */
export function groupTable(by: string, groups: readonly GroupSpend[]): string {
  if (groups.length === 0) return "rbgv's books hold nothing for these days";
  const numbers = ['jobs', 'done', 'failed', 'credits', 'for failed', 'per output', 'saved'];
  return formatTable(
    [{ title: by }, ...numbers.map((title) => ({ title, align: 'right' as const }))],
    groups.map((group) => {
      const each = perOutput(group);
      return [
        group.name,
        String(group.jobs),
        String(group.done),
        String(group.failed),
        formatCredits(group.credits),
        formatCredits(group.failedCredits),
        each === undefined ? '-' : formatCredits(each),
        formatCredits(group.savedCredits),
      ];
    }),
  );
}

/** Groups as data; the rows of CSV and of plain text have the same members. */
export function groupsJson(
  groups: readonly GroupSpend[],
): readonly Readonly<Record<string, unknown>>[] {
  return groups.map((group) => {
    const each = perOutput(group);
    return {
      name: group.name,
      jobs: group.jobs,
      done: group.done,
      failed: group.failed,
      billed_jobs: group.billed,
      credits: toNumber(group.credits),
      failed_credits: toNumber(group.failedCredits),
      credits_per_output: each === undefined ? null : toNumber(each),
      video_seconds: group.durationUs / 1e6,
      saved_clips: group.savedClips,
      saved_credits: toNumber(group.savedCredits),
    };
  });
}

/** A heading and one row a group. */
export function groupRows(
  groups: readonly GroupSpend[],
): readonly (readonly (string | number)[])[] {
  const heading = [
    ...['name', 'jobs', 'done', 'failed', 'billed_jobs', 'credits', 'failed_credits'],
    ...['credits_per_output', 'video_seconds', 'saved_clips', 'saved_credits'],
  ];
  const rows = groupsJson(groups).map((group) =>
    heading.map((name) => (group[name] ?? '') as string | number),
  );
  return [heading, ...rows];
}

/** One line an event, as it came: its shape is documented nowhere. */
export function eventLines(answer: unknown, terminal: Pick<Terminal, 'safe'>): string {
  const found = typeof answer === 'object' && answer !== null ? Object.values(answer) : [];
  const list: unknown = Array.isArray(answer) ? answer : found.find(Array.isArray);
  const entries: readonly unknown[] = Array.isArray(list) ? list : [answer];
  const lines = entries.map((entry) => `  ${terminal.safe(JSON.stringify(entry))}`);
  return [`events: ${entries.length}`, ...lines].join('\n');
}

import { formatCredits, sumCredits, toNumber } from '../../core/credits.ts';
import type { DaySpend } from '../../ledger/spend.ts';
import { createContext, type Context } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { formatTable } from '../report/table.ts';

export interface UsageOptions {
  /** 1..90 */
  readonly days: number;
  /** 1..100 */
  readonly events?: number;
  readonly json?: boolean;
  readonly profile?: string | undefined;
}

const DAY_MS = 86_400_000;

/**
 * `rbgv usage`: what the service counts beside what rbgv booked. The service documents neither the
 * fields nor the time zone of its days, so its answer is shown as it came.
 */
export async function usage(options: UsageOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile, clock } = context;
  const signal = AbortSignal.timeout(120_000);
  const service = await context.openService(() => undefined, { idle: true });
  const ledger = await context.ledger();
  try {
    const summary = await service.api.usageSummary(options.days, signal);
    const events =
      options.events === undefined
        ? undefined
        : await service.api.usageEvents(options.events, signal);
    const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
    const booked = ledger.spend(profile.scope, today - (options.days - 1) * DAY_MS);
    if (options.json === true) {
      const service = { summary, ...(events === undefined ? {} : { events }) };
      const ledgerDays = booked.map((day) => ({ ...day, credits: toNumber(day.credits) }));
      terminal.out(
        JSON.stringify(
          { version: 1, profile: profile.name, days: options.days, service, ledger: ledgerDays },
          null,
          2,
        ),
      );
    } else {
      terminal.out(`profile ${profile.label}, last ${options.days} days\n`);
      terminal.out(comparison(summary, booked));
      terminal.out(`\n${bookedTable(booked)}`);
      if (events !== undefined) terminal.out(`\n${eventsText(events, context)}`);
    }
    return exitCode('ok');
  } finally {
    ledger.close();
    await service.close();
  }
}

function comparison(
  summary: Readonly<Record<string, unknown>>,
  booked: readonly DaySpend[],
): string {
  const total = (pick: (day: DaySpend) => number): number =>
    booked.reduce((sum, day) => sum + pick(day), 0);
  const figure = (name: string): string => {
    const value = summary[name];
    return typeof value === 'number' ? String(value) : 'not said';
  };
  return formatTable(
    [
      { title: '' },
      { title: 'service', align: 'right' },
      { title: "rbgv's books", align: 'right' },
    ],
    [
      ['jobs', figure('total_jobs'), String(total((day) => day.jobs))],
      ['completed', figure('completed_jobs'), String(total((day) => day.done))],
      ['failed', figure('failed_jobs'), String(total((day) => day.failed))],
      [
        'credits',
        figure('credits_used'),
        formatCredits(sumCredits(booked.map((day) => day.credits))),
      ],
    ],
  );
}

function bookedTable(booked: readonly DaySpend[]): string {
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

/** One line an event, whatever its shape: it is documented nowhere. */
function eventsText(answer: unknown, { terminal }: Context): string {
  const list = findList(answer);
  return [
    `events: ${list.length}`,
    ...list.map((e) => `  ${terminal.safe(JSON.stringify(e))}`),
  ].join('\n');
}

function findList(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  if (typeof answer !== 'object' || answer === null) return [answer];
  return (
    Object.values(answer).find((value): value is unknown[] => Array.isArray(value)) ?? [answer]
  );
}

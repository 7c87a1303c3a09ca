import { toNumber } from '../../core/credits.ts';
import { RbgvError } from '../../core/errors.ts';
import { isTagName } from '../../core/tags.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SpendGroup } from '../../ledger/spend.ts';
import { createContext, type Context, type Service } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { formatCsv } from '../report/csv.ts';
import { reconcileUsage } from '../reconcileUsage.ts';
import { DEFAULT_BASELINE_DAYS, DEFAULT_DEVIATION, trendsSince } from '../runAlarms.ts';
import {
  baselineJson,
  baselineText,
  reconcileJson,
  reconcileText,
} from '../report/reconcileText.ts';
import {
  bookedTable,
  comparisonTable,
  eventLines,
  groupRows,
  groupsJson,
  groupTable,
} from '../report/usageText.ts';

export interface UsageOptions {
  /** 1..90 */
  readonly days: number;
  /** 1..100 */
  readonly events?: number;
  /** `model`, `day`, `run`, `profile` or `tag:<name>`. */
  readonly by?: string;
  readonly reconcile?: boolean;
  /** As a share: 0.05 is 5 %. */
  readonly failOnDrift?: number;
  /** Days before the last `days` to compare with. */
  readonly baseline?: number;
  /** As a share. */
  readonly failOnDeviation?: number;
  readonly csv?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly profile?: string | undefined;
}

/** One part of the report. */
interface Section {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Why the command ends in 9. */
  readonly alarm?: string;
}

const DAY_MS = 86_400_000;

/**
 * `rbgv usage`: what the service counts beside what rbgv booked, groups of the books, a comparison
 * job by job, and a comparison with the days before.
 */
export async function usage(options: UsageOptions): Promise<number> {
  const by = options.by === undefined ? undefined : parseGroup(options.by);
  const reconciles = options.reconcile === true || options.failOnDrift !== undefined;
  const compares = options.baseline !== undefined || options.failOnDeviation !== undefined;
  const overview = by === undefined && !reconciles && !compares;
  const context = createContext(options);
  const ledger = await context.ledger();
  let service: Service | undefined;
  try {
    if (overview || reconciles) {
      service = await context.openService(() => undefined, { idle: true });
    }
    const sections: Section[] = [];
    if (by !== undefined) sections.push(groupSection(by, options, ledger, context));
    if (overview) sections.push(await overviewSection(options, ledger, service, context));
    if (reconciles) sections.push(await reconcileSection(options, ledger, service, context));
    if (compares) sections.push(baselineSection(options, ledger, context));
    return print(sections, options, context);
  } finally {
    ledger.close();
    await service?.close();
  }
}

function print(sections: readonly Section[], options: UsageOptions, context: Context): number {
  const { terminal, profile } = context;
  if (options.json === true) {
    const head = { version: 1, profile: profile.name, days: options.days };
    const document = Object.assign({}, head, ...sections.map((section) => section.json)) as object;
    terminal.out(JSON.stringify(document, null, 2));
  } else {
    const forPrograms = options.csv === true || options.plain === true;
    if (!forPrograms) terminal.out(`profile ${profile.label}, last ${options.days} days\n`);
    terminal.out(sections.map((section) => section.text).join('\n\n'));
  }
  const alarms = sections.flatMap(({ alarm }) => (alarm === undefined ? [] : [alarm]));
  for (const alarm of alarms) terminal.err(`\n${alarm}`);
  return exitCode(alarms.length > 0 ? 'check' : 'ok');
}

/** The first moment of the last days, today among them, by UTC. */
function sinceMs({ days }: UsageOptions, { clock }: Context): number {
  return (Math.floor(clock.now() / DAY_MS) - days + 1) * DAY_MS;
}

async function overviewSection(
  options: UsageOptions,
  ledger: Ledger,
  service: Service | undefined,
  context: Context,
): Promise<Section> {
  const { api } = connected(service);
  const signal = AbortSignal.timeout(120_000);
  const { raw: summary, totals } = await api.usageSummary(options.days, signal);
  const events =
    options.events === undefined ? undefined : (await api.usageEvents(options.events, signal)).raw;
  const booked = ledger.spend(context.profile.scope, sinceMs(options, context));
  const text = [comparisonTable(totals, booked), bookedTable(booked)];
  if (events !== undefined) text.push(eventLines(events, context.terminal));
  return {
    json: {
      service: { summary, ...(events === undefined ? {} : { events }) },
      ledger: booked.map((day) => ({ ...day, credits: toNumber(day.credits) })),
    },
    text: text.join('\n\n'),
  };
}

function groupSection(
  by: SpendGroup,
  options: UsageOptions,
  ledger: Ledger,
  context: Context,
): Section {
  const scope = by === 'profile' ? undefined : context.profile.scope;
  const groups = ledger.spendBy({ by, scope, sinceMs: sinceMs(options, context) });
  const rows = groupRows(groups);
  const text = (): string => {
    if (options.csv === true) return formatCsv(rows);
    if (options.plain === true) return rows.map((row) => row.join('\t')).join('\n');
    return groupTable(options.by ?? '', groups);
  };
  return { json: { by: options.by, groups: groupsJson(groups) }, text: text() };
}

async function reconcileSection(
  options: UsageOptions,
  ledger: Ledger,
  service: Service | undefined,
  context: Context,
): Promise<Section> {
  const signal = AbortSignal.timeout(300_000);
  const { scope } = context.profile;
  const since = sinceMs(options, context);
  const check = await reconcileUsage(
    ledger,
    connected(service),
    scope,
    options.days,
    since,
    signal,
  );
  const { failOnDrift: limit } = options;
  const drifts = limit !== undefined && Math.abs(check.drift) > limit;
  return {
    json: { reconciliation: reconcileJson(check) },
    text: reconcileText(check),
    ...(drifts ? { alarm: 'bills drift from the estimates by more than was allowed' } : {}),
  };
}

function baselineSection(options: UsageOptions, ledger: Ledger, context: Context): Section {
  const days = options.baseline ?? DEFAULT_BASELINE_DAYS;
  const since = sinceMs(options, context);
  const limit = options.failOnDeviation ?? DEFAULT_DEVIATION;
  const trends = trendsSince(since, days, limit, context.profile.scope, ledger);
  const deviates = trends.some((trend) => trend.deviations.length > 0);
  if (deviates && options.failOnDeviation === undefined) {
    context.terminal.err('warning: spending or failures deviate from the days before');
  }
  return {
    json: { baseline: { days, models: baselineJson(trends) } },
    text: baselineText(trends, options.days, days),
    ...(deviates && options.failOnDeviation !== undefined
      ? { alarm: 'spending or failures deviate from the days before' }
      : {}),
  };
}

function connected(service: Service | undefined): Service {
  if (service === undefined) throw new Error('no service was opened');
  return service;
}

/** @throws RbgvError `bad_group` */
function parseGroup(text: string): SpendGroup {
  switch (text) {
    case 'model':
    case 'day':
    case 'run':
    case 'profile':
      return text;
  }
  const tag = /^tag:(.*)$/.exec(text)?.[1];
  if (tag !== undefined && isTagName(tag)) return { tag };
  throw new RbgvError('usage', 'bad_group', `the books cannot be grouped by \`${text}\``, {
    hint: 'model, day, run, profile, or tag:<name>',
  });
}

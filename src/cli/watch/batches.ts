import { hasEnded } from '../../batch/hasEnded.ts';
import { makePlan, type Plan } from '../../batch/plan.ts';
import { tellAlerts } from '../../batch/tellAlerts.ts';
import type { Estimate, Tariff } from '../../core/estimate.ts';
import type { Report } from '../../core/events.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { SettlingFolder } from '../../files/settling.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { createAlertDesk } from '../alertDesk.ts';
import type { Context, Service } from '../context.ts';
import { exitCodeOfOutcomes } from '../exitCodes.ts';
import { costText } from '../report/costText.ts';
import { counted } from '../report/estimateText.ts';
import { createReporter } from '../report/reporter.ts';
import { summaryJson, totalsLine } from '../report/summaryText.ts';
import { runAlarms } from '../runAlarms.ts';
import { readBills } from '../session/serviceBooks.ts';
import type { Interruption } from '../signals.ts';
import { workPlan } from '../workPlan.ts';
import type { WatchSettings } from './watchFolder.ts';

/** What the batches of one watch share. */
export interface BatchRoom {
  readonly settings: WatchSettings;
  readonly context: Context;
  readonly folder: SettlingFolder;
  readonly service: Service;
  readonly ledger: Ledger;
  readonly interruption: Interruption;
  /** Where the service's own events go: while a batch is at work, to its reporter. */
  readonly relay: { to: Report };
  /** Where they go otherwise. */
  readonly idle: Report;
}

/** Clips that stay pending are tried again after this long. */
const RETRY_MS = 60_000;
const DAY_MS = 86_400_000;

/** Works clips that are whole, except those that the ledger knows to have ended. */
export async function workClips(
  estimates: readonly Estimate[],
  tariff: Tariff,
  room: BatchRoom,
): Promise<readonly Outcome[]> {
  const { settings, context, folder, ledger } = room;
  const { order, outputDir, keepZip } = settings;
  const { scope } = context.profile;
  const orders = order.clips(
    estimates.map(() => ({})),
    estimates,
  );
  const asked = { scope, settings: order.plain, orders, repay: false, tariff };
  const named = { outputDir, rejected: [], keepZip, namedAlone: true };
  const plan = await makePlan({ ...asked, ...named, estimates }, ledger);
  const ended = await Promise.all(plan.items.map((item) => hasEnded(item, plan, ledger)));
  for (const { clip } of plan.items.filter((_, index) => ended[index])) folder.finish(clip.path);
  const items = plan.items.filter((_, index) => ended[index] !== true);
  return items.length === 0 ? [] : await workBatch({ ...plan, items }, room);
}

async function workBatch(plan: Plan, room: BatchRoom): Promise<readonly Outcome[]> {
  const { settings, context, service, ledger, interruption, relay } = room;
  const { terminal, clock } = context;
  const { concurrency, jobTimeoutMs, waitCredits, rules } = settings;
  if (settings.json !== true && settings.quiet !== true) {
    terminal.err(`${counted(plan.items.length, 'clip')}: ${costText(plan)}`);
  }
  const reporter = createReporter(settings, plan, context);
  const desk = createAlertDesk(rules.alertUrl, reporter.report, context);
  relay.to = desk.report;
  const begun = clock.monotonic();
  const begunAt = clock.now();
  try {
    const { signal } = interruption;
    const { report } = desk;
    const { caps, alertAt } = rules;
    const how = { concurrency, jobTimeoutMs, waitCredits, caps, alertAt, onHint: undefined };
    const work = { service, ledger, report, signal, order: 'given' as const, ...how };
    const { runId, outcomes } = await workPlan(plan, work, context);
    const bill = await readBills(runId, plan.scope, work);
    tellAlerts({ ledger, runId, alertAt, report, clock }, plan.scope);
    await desk.settle();
    reporter.stop();
    // Limits that fail a run are not for a watch, which goes on.
    for (const line of runAlarms({}, bill, begunAt, plan.scope, ledger).lines) terminal.err(line);
    const code = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    ledger.finishRun(runId, code);
    const elapsedMs = clock.monotonic() - begun;
    terminal.out(
      settings.json === true
        ? JSON.stringify(summaryJson(runId, outcomes, bill, elapsedMs, code))
        : totalsLine(outcomes, elapsedMs),
    );
    fileOutcomes(outcomes, room);
    return outcomes;
  } finally {
    reporter.stop();
    relay.to = room.idle;
  }
}

/** Notes when each clip is to be looked at again, if ever. */
function fileOutcomes(outcomes: readonly Outcome[], { folder, context }: BatchRoom): void {
  // Bills below the worst case make room; where none came, only a new day does.
  const untilTomorrow = DAY_MS - (context.clock.now() % DAY_MS);
  const hasBills = outcomes.some(({ status }) => status === 'done');
  for (const outcome of outcomes) {
    if (outcome.status !== 'pending') folder.finish(outcome.path);
    else if (outcome.code === 'budget' && !hasBills) folder.postpone(outcome.path, untilTomorrow);
    else folder.postpone(outcome.path, RETRY_MS);
  }
}

import { resolve } from 'node:path';

import { hasEnded } from '../../batch/hasEnded.ts';
import { makePlan, type Plan } from '../../batch/plan.ts';
import { formatCredits, sumCredits } from '../../core/credits.ts';
import type { Estimate, Tariff } from '../../core/estimate.ts';
import type { BatchEvent } from '../../core/events.ts';
import { EXTENSIONS } from '../../core/model.ts';
import type { Outcome } from '../../core/outcome.ts';
import { planOutputPaths } from '../../files/outputPaths.ts';
import type { SettlingFolder } from '../../files/settling.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Context, Service } from '../context.ts';
import { exitCodeOfOutcomes } from '../exitCodes.ts';
import { createReporter } from '../report/reporter.ts';
import { summaryJson, totalsLine } from '../report/summaryText.ts';
import type { Interruption } from '../signals.ts';
import { workPlan } from '../workPlan.ts';
import { untilNextDay, withinDay } from './dayBudget.ts';
import type { WatchSettings } from './watchFolder.ts';

/** What the batches of one watch share. */
export interface BatchRoom {
  readonly settings: WatchSettings;
  readonly context: Context;
  readonly folder: SettlingFolder;
  readonly service: Service;
  readonly ledger: Ledger;
  readonly interruption: Interruption;
  /** Where the service's own events go while a batch is at work. */
  readonly relay: { to: (event: BatchEvent) => void };
}

/** Clips that stay pending are tried again after this long. */
const RETRY_MS = 60_000;

/**
 * Works clips that are whole: those that the ledger does not know to have ended and that today's
 * budget allows. The others are left, each with its time.
 */
export async function workClips(
  estimates: readonly Estimate[],
  tariff: Tariff,
  room: BatchRoom,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly held: number }> {
  const { settings, context, folder, ledger } = room;
  const { job, outputDir, maxCreditsDay } = settings;
  // Each name by itself: what else came before or comes later must not change it.
  const wantedPaths = estimates.map(({ clip }) =>
    resolve(outputDir, planOutputPaths([clip], EXTENSIONS[job.format])[0] ?? ''),
  );
  const { scope } = context.profile;
  const rest = { scope, settings: job, repay: false, tariff, outputDir, rejected: [] };
  const whole = await makePlan({ ...rest, estimates, wantedPaths }, ledger);
  const ended = await Promise.all(whole.items.map((item) => hasEnded(item, whole, ledger)));
  for (const { clip } of whole.items.filter((_, index) => ended[index])) folder.finish(clip.path);
  const items = whole.items.filter((_, index) => ended[index] !== true);
  const now = context.clock.now();
  const { plan, held } = withinDay({ ...whole, items }, maxCreditsDay, ledger, now);
  for (const { clip } of held) folder.postpone(clip.path, untilNextDay(now));
  if (held.length > 0) {
    const cost = formatCredits(sumCredits(held.map((item) => item.credits)));
    const clips = held.length === 1 ? '1 clip waits' : `${held.length} clips wait`;
    context.terminal.err(`today's budget: ${clips} until 00:00 UTC (${cost} credits)`);
  }
  const outcomes = plan.items.length === 0 ? [] : await workBatch(plan, room);
  return { outcomes, held: held.length };
}

async function workBatch(plan: Plan, room: BatchRoom): Promise<readonly Outcome[]> {
  const { settings, context, folder, service, ledger, interruption, relay } = room;
  const { terminal, clock } = context;
  const reporter = createReporter(settings, plan, context);
  relay.to = reporter.report;
  const begun = clock.monotonic();
  try {
    const { signal } = interruption;
    const { concurrency, jobTimeoutMs, waitCredits } = settings;
    const how = { concurrency, jobTimeoutMs, waitCredits, onHint: undefined };
    const { report } = reporter;
    const work = { service, ledger, report, signal, order: 'given' as const, ...how };
    const { runId, outcomes } = await workPlan(plan, work, context);
    reporter.stop();
    const code = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    ledger.finishRun(runId, code);
    const elapsedMs = clock.monotonic() - begun;
    terminal.out(
      settings.json === true
        ? JSON.stringify(summaryJson(runId, outcomes, elapsedMs, code))
        : totalsLine(outcomes, elapsedMs),
    );
    for (const { status, path } of outcomes) {
      if (status === 'pending') folder.postpone(path, RETRY_MS);
      else folder.finish(path);
    }
    return outcomes;
  } finally {
    reporter.stop();
    relay.to = () => undefined;
  }
}

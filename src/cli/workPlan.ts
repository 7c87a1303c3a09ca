import { randomBytes } from 'node:crypto';

import type { BatchDeps } from '../batch/deps.ts';
import type { Plan, PlannedClip } from '../batch/plan.ts';
import { runBatch } from '../batch/runBatch.ts';
import type { Caps } from '../core/budget.ts';
import type { WorkOrder } from '../core/workOrder.ts';
import type { Report } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import { freeBytes } from '../files/freeSpace.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { verifyOutput } from '../media/verify.ts';
import { VERSION, type Context, type Service } from './context.ts';

/** What one run works with, beside what every command has. */
export interface Work {
  readonly service: Service;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Out of credits: wait for a top-up instead of ending the run. */
  readonly waitCredits: boolean;
  /** The most that may be reserved. */
  readonly caps: Caps;
  /** Percentages of a budget at which the report says so. */
  readonly alertAt: readonly number[];
  /** Jobs at work on the server at once. */
  readonly concurrency: number;
  readonly order: WorkOrder;
  readonly jobTimeoutMs: number;
  readonly onHint: BatchDeps['onHint'];
}

/** Clips that go first, and what decides about the rest. */
export interface Canary {
  readonly items: readonly PlannedClip[];
  /** Asked once the first have ended. */
  goOn(runId: string, outcomes: readonly Outcome[]): Promise<boolean>;
}

/**
 * Begins a run in the ledger and carries out its plan. The caller ends the run with its exit code.
 *
 * @param canary undefined: all clips at once
 * @returns how many clips were left untouched, as the first were not liked
 */
export async function workPlan(
  plan: Plan,
  work: Work,
  context: Context,
  canary?: Canary,
): Promise<{
  readonly runId: string;
  readonly outcomes: readonly Outcome[];
  readonly untouched: number;
}> {
  const { clock, profile } = context;
  const { service, ...rest } = work;
  const tools = await context.tools();
  const runId = newRunId(clock.now());
  work.ledger.startRun({
    id: runId,
    profile: profile.name,
    scope: plan.scope,
    settings: plan.settings,
    outputDir: plan.outputDir,
    clientVersion: VERSION,
    estimate: plan.cost,
    caps: work.caps,
    clips: [
      ...plan.items.map(({ clip, wantedPath, settings, tags }) => {
        return { ...clip, wantedPath, settings, tags };
      }),
      ...plan.rejected.map((clip) => ({ ...clip, wantedPath: undefined })),
    ],
  });
  const deps: BatchDeps = {
    ...rest,
    runId,
    get api() {
      return service.keys.current.api;
    },
    get apiOnce() {
      return service.keys.current.apiOnce;
    },
    connectionFor: (fingerprint) => service.keys.connectionFor(fingerprint),
    renewKey: (fingerprint, signal) => service.keys.renew(fingerprint, signal),
    quietMs: service.quietMs,
    clock,
    random: Math.random,
    freeBytes,
    verify: (path, expected) => verifyOutput(path, expected, tools),
  };
  if (canary === undefined) return { runId, outcomes: await runBatch(plan, deps), untouched: 0 };
  const first = await runBatch({ ...plan, items: canary.items, rejected: [] }, deps);
  const left = plan.items.filter((item) => !canary.items.includes(item));
  const items = (await canary.goOn(runId, first)) ? left : [];
  const others = await runBatch({ ...plan, items }, deps);
  return { runId, outcomes: [...first, ...others], untouched: left.length - items.length };
}

/** Sorts by time and never repeats: `20261120-221530-4f1c`. */
function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

import { randomBytes } from 'node:crypto';

import type { BatchDeps } from '../batch/deps.ts';
import type { Plan } from '../batch/plan.ts';
import { runBatch } from '../batch/runBatch.ts';
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
  /** Jobs at work on the server at once. */
  readonly concurrency: number;
  readonly order: WorkOrder;
  readonly jobTimeoutMs: number;
  readonly onHint: BatchDeps['onHint'];
}

/** Begins a run in the ledger and carries out its plan. The caller ends the run with its exit code. */
export async function workPlan(
  plan: Plan,
  work: Work,
  context: Context,
): Promise<{ readonly runId: string; readonly outcomes: readonly Outcome[] }> {
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
    clips: [
      ...plan.items.map(({ clip, wantedPath }) => ({ ...clip, wantedPath })),
      ...plan.rejected.map((clip) => ({ ...clip, wantedPath: undefined })),
    ],
  });
  const outcomes = await runBatch(plan, {
    ...rest,
    runId,
    api: service.api,
    apiOnce: service.apiOnce,
    quietMs: service.quietMs,
    clock,
    random: Math.random,
    freeBytes,
    verify: (path, expected) => verifyOutput(path, expected, tools),
  });
  return { runId, outcomes };
}

/** Sorts by time and never repeats: `20261120-221530-4f1c`. */
function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

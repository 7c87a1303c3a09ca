import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { createHttpApi } from '../../src/api/httpApi.ts';
import { withRetries } from '../../src/api/withRetries.ts';
import { withTraffic } from '../../src/api/withTraffic.ts';
import { makePlan } from '../../src/batch/plan.ts';
import { runBatch } from '../../src/batch/runBatch.ts';
import { exitCodeOfError, exitCodeOfOutcomes } from '../../src/cli/exitCodes.ts';
import type { ProbedClip } from '../../src/core/clip.ts';
import { RbgvError } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { estimateClip } from '../../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF } from '../../src/pricing/tariff.ts';
import { watchDeeds } from './deeds.ts';
import type { ClientOrder, ClientReport } from './order.ts';
import { scaledClock } from './scaledClock.ts';

/** One run of rbgv's engine over each folder, in a process of its own that may be killed anywhere. */
const order = JSON.parse(process.argv[2] ?? '') as ClientOrder;
const clock = scaledClock(order.clockScale);
const deeds = watchDeeds(order.dieAt, order.folders);
const ended: Outcome[] = [];
const begun = clock.monotonic();
let exitCode: number | undefined;
try {
  for (const folder of order.folders) ended.push(...(await work(folder)));
} catch (error) {
  if (!(error instanceof RbgvError)) throw error;
  exitCode = exitCodeOfError(error);
}
const done = ended.filter(({ status }) => status === 'done');
const report: ClientReport = {
  exitCode: exitCode ?? exitCodeOfOutcomes(ended),
  deeds: deeds.count(),
  done: done.length,
  writes: deeds.writes(),
  writeMs: deeds.writeMs(),
  workMs: clock.monotonic() - begun,
};
process.stdout.write(JSON.stringify(report));
process.exit(0);

async function work(folder: string): Promise<readonly Outcome[]> {
  const results = join(folder, 'results');
  const ledger = deeds.ledger(openLedger(join(folder, 'state'), clock));
  const clips = await clipsIn(join(folder, 'clips'));
  const plan = await makePlan(
    {
      estimates: clips.map((clip) => estimateClip(clip, BUILT_IN_TARIFF)),
      rejected: [],
      scope: 'prove',
      settings: {
        model: 'light',
        format: 'webm',
        background: { type: 'transparent' },
        prompt: undefined,
      },
      repay: false,
      tariff: BUILT_IN_TARIFF,
      outputDir: results,
    },
    ledger,
  );
  const runId = `run-${process.pid}-${Date.now()}`;
  ledger.startRun({
    id: runId,
    profile: 'prove',
    scope: 'prove',
    settings: plan.settings,
    outputDir: plan.outputDir,
    clientVersion: 'prove',
    estimate: plan.cost,
    clips: plan.items.map(({ clip, wantedPath }) => ({ ...clip, wantedPath })),
  });
  const { baseUrl, apiKey, concurrency, quietMs = 90_000 } = order;
  const http = createHttpApi({ baseUrl, apiKey, userAgent: 'rbgv-prove' });
  const silent = (): void => undefined;
  const traffic = { clock, random: Math.random, report: silent };
  const apiOnce = deeds.api(withTraffic(http, traffic));
  const outcomes = await runBatch(plan, {
    runId,
    api: withRetries(apiOnce, traffic),
    apiOnce,
    connectionFor: () => undefined,
    renewKey: () => Promise.resolve(false),
    ledger,
    clock,
    random: Math.random,
    report: silent,
    // The outputs are no videos; the judge compares them with the server's bytes.
    verify: () => Promise.resolve({ ok: true, durationUs: 1_000_000, width: 320, height: 180 }),
    freeBytes: () => Promise.resolve(1e12),
    signal: new AbortController().signal,
    waitCredits: false,
    alertAt: [],
    concurrency,
    order: 'given',
    jobTimeoutMs: 6 * 3_600_000,
    quietMs,
    onHint: undefined,
  });
  ledger.finishRun(runId, 0);
  ledger.close();
  return outcomes;
}

async function clipsIn(folder: string): Promise<readonly ProbedClip[]> {
  const names = (await readdir(folder)).sort().slice(...(order.clips ?? []));
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      const media = {
        durationUs: 1_000_000,
        width: 320,
        height: 180,
        framesPerSecond: 25,
        hasAudio: false,
        videoCodec: 'h264',
        readBy: 'header' as const,
      };
      return { path, relativePath: name, sizeBytes: size, mtimeMs, media };
    }),
  );
}

import { setMaxListeners } from 'node:events';
import { join } from 'node:path';

import { createHttpApi } from '../src/api/httpApi.ts';
import { withRetries } from '../src/api/withRetries.ts';
import { makePlan } from '../src/batch/plan.ts';
import { runBatch } from '../src/batch/runBatch.ts';
import { surveyClips } from '../src/batch/survey.ts';
import { growHeapSlowly } from '../src/cli/heapGrowth.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { expandInputs } from '../src/files/expandInputs.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { locateTools } from '../src/media/locateTools.ts';
import { createProber } from '../src/media/probe.ts';
import { BUILT_IN_TARIFF } from '../src/pricing/tariff.ts';
import { scaledClock } from '../test/prove/scaledClock.ts';

/** One run over a folder in a process of its own; prints what it took as JSON. */
const [baseUrl = '', apiKey = '', folder = ''] = process.argv.slice(2);
growHeapSlowly();
const clock = scaledClock(100);
const seconds = (since: number): number => (performance.now() - since) / 1000;
const begun = performance.now();
const outputDir = join(folder, 'results');
const found = await expandInputs([join(folder, 'clips')], { cwd: folder });
const prober = createProber(await locateTools(readEnvironment()));
const { estimates } = await surveyClips(found.clips, prober, BUILT_IN_TARIFF, () => undefined);
const surveySeconds = seconds(begun);

const planning = performance.now();
const ledger = openLedger(join(folder, 'state'), clock);
const settings = {
  model: 'light',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
} as const;
const rest = { rejected: [], scope: 'bench', repay: false, tariff: BUILT_IN_TARIFF, outputDir };
const plan = await makePlan({ estimates, settings, ...rest }, ledger);
const runId = `run-${process.pid}`;
ledger.startRun({
  id: runId,
  profile: 'bench',
  scope: 'bench',
  settings,
  outputDir,
  clientVersion: 'bench',
  estimate: plan.cost,
  clips: plan.items.map(({ clip, wantedPath }) => ({ ...clip, wantedPath })),
});
const planSeconds = seconds(planning);

const working = performance.now();
const connection = { baseUrl, apiKey, userAgent: 'rbgv-bench' };
const apiOnce = createHttpApi(connection);
const report = (): void => undefined;
const { signal } = new AbortController();
setMaxListeners(0, signal);
const outcomes = await runBatch(plan, {
  runId,
  api: withRetries(apiOnce, { clock, random: Math.random, report }),
  apiOnce,
  connectionFor: () => undefined,
  renewKey: () => Promise.resolve(false),
  ledger,
  clock,
  random: Math.random,
  report,
  // Simulated outputs are no videos.
  verify: () => Promise.resolve({ ok: true, durationUs: 1_000_000, width: 320, height: 180 }),
  freeBytes: () => Promise.resolve(1e12),
  signal,
  waitCredits: false,
  alertAt: [],
  onHint: undefined,
  concurrency: 32,
  order: 'given',
  jobTimeoutMs: 6 * 3_600_000,
  quietMs: 90_000,
});
const workSeconds = seconds(working);
ledger.finishRun(runId, 0);
ledger.close();
process.stdout.write(
  JSON.stringify({
    done: outcomes.filter(({ status }) => status === 'done').length,
    surveySeconds,
    planSeconds,
    workSeconds,
    peakMb: process.resourceUsage().maxRSS / 1e3,
  }),
);
process.exit(0);

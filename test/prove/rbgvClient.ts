import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { createHttpApi } from '../../src/api/httpApi.ts';
import { withRetries } from '../../src/api/withRetries.ts';
import { withTraffic } from '../../src/api/withTraffic.ts';
import { makePlan } from '../../src/batch/plan.ts';
import { runBatch } from '../../src/batch/runBatch.ts';
import type { ProbedClip } from '../../src/core/clip.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { estimateClip } from '../../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF } from '../../src/pricing/tariff.ts';
import { scaledClock } from './scaledClock.ts';

/** One run of rbgv's engine over a folder, in a process of its own that may be killed anywhere. */
const [baseUrl = '', apiKey = '', folder = '', scaleText = '1'] = process.argv.slice(2);
const clock = scaledClock(Number(scaleText));
const clipsFolder = join(folder, 'clips');
const names = (await readdir(clipsFolder)).sort();
const clips = await Promise.all(
  names.map(async (name): Promise<ProbedClip> => {
    const path = join(clipsFolder, name);
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
const ledger = openLedger(join(folder, 'state'), clock);
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
    outputDir: join(folder, 'results'),
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
const report = (): void => undefined;
const traffic = { clock, random: Math.random, report };
const http = createHttpApi({ baseUrl, apiKey, userAgent: 'rbgv-prove' });
const apiOnce = withTraffic(http, traffic);
const outcomes = await runBatch(plan, {
  runId,
  api: withRetries(apiOnce, traffic),
  apiOnce,
  ledger,
  clock,
  random: Math.random,
  report,
  // Simulated outputs are no videos; the judge compares them with the server's bytes.
  verify: () => Promise.resolve({ ok: true, durationUs: 1_000_000, width: 320, height: 180 }),
  freeBytes: () => Promise.resolve(1e12),
  signal: new AbortController().signal,
  waitCredits: false,
  alertAt: [],
  concurrency: 32,
  order: 'given',
  jobTimeoutMs: 6 * 3_600_000,
  quietMs: 90_000,
  onHint: undefined,
});
ledger.finishRun(runId, 0);
ledger.close();
process.stdout.write(`${outcomes.filter(({ status }) => status === 'done').length}\n`);
process.exit(0);

import { setMaxListeners } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { withRetries } from '../src/api/withRetries.ts';
import { withTraffic } from '../src/api/withTraffic.ts';
import { makePlan } from '../src/batch/plan.ts';
import { runBatch } from '../src/batch/runBatch.ts';
import type { ProbedClip } from '../src/core/clip.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { estimateClip } from '../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF } from '../src/pricing/tariff.ts';
import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';
import type { Client } from './simulatedService.ts';

/** A job takes so much of its clip's length; give or take a tenth. */
const PER_SECOND = 0.5;

/** The whole program below the command line: ledger, lanes, rate, poller, files; nothing learned before. */
export const rbgvBatch =
  (parent: string, concurrency: number): Client =>
  async (service, clock, { seed, seconds }) => {
    const folder = await mkdtemp(join(parent, 'makespan-'));
    const clips = await Promise.all(
      seconds.map(async (took, clip): Promise<ProbedClip> => {
        const path = join(folder, 'clips', `${clip}.mp4`);
        await mkdir(join(folder, 'clips'), { recursive: true });
        await writeFile(path, String(clip));
        const { size, mtimeMs } = await stat(path);
        // How fast a job is varies a little.
        const length = took / PER_SECOND / (0.9 + 0.2 * seededRandom(seed, clip, 3));
        const media = {
          durationUs: Math.round(length * 1e6),
          width: 320,
          height: 180,
          framesPerSecond: 25,
          hasAudio: false,
          videoCodec: 'h264',
          readBy: 'header' as const,
        };
        return { path, relativePath: `${clip}.mp4`, sizeBytes: size, mtimeMs, media };
      }),
    );
    const ledger = openLedger(join(folder, 'state'), clock);
    const settings = {
      model: 'light',
      format: 'webm',
      background: { type: 'transparent' },
      prompt: undefined,
    } as const;
    const outputDir = join(folder, 'results');
    const plan = await makePlan(
      {
        estimates: clips.map((clip) => estimateClip(clip, BUILT_IN_TARIFF)),
        rejected: [],
        scope: 'bench',
        settings,
        repay: false,
        tariff: BUILT_IN_TARIFF,
        outputDir,
      },
      ledger,
    );
    ledger.startRun({
      id: 'run',
      profile: 'bench',
      scope: 'bench',
      settings,
      outputDir,
      clientVersion: 'bench',
      estimate: plan.cost,
      clips: plan.items.map(({ clip, wantedPath }) => ({ ...clip, wantedPath })),
    });
    let draws = 0;
    const random = (): number => seededRandom(seed, (draws += 1), 4);
    const traffic = { clock, random, report: () => undefined };
    const apiOnce = withTraffic(service.api, traffic);
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const outcomes = await runBatch(plan, {
      ...traffic,
      runId: 'run',
      api: withRetries(apiOnce, traffic),
      apiOnce,
      ledger,
      verify: () => Promise.resolve({ ok: true, durationUs: 1, width: 320, height: 180 }),
      freeBytes: () => Promise.resolve(1e12),
      signal,
      order: 'longest',
      waitCredits: false,
      concurrency,
      jobTimeoutMs: 6 * 3_600_000,
      quietMs: 90_000,
      onHint: undefined,
      connectionFor: () => undefined,
      renewKey: () => Promise.resolve(false),
      alertAt: [],
    });
    ledger.finishRun('run', 0);
    ledger.close();
    await rm(folder, { recursive: true });
    if (outcomes.some(({ status }) => status !== 'done')) throw new Error('a clip was not done');
  };

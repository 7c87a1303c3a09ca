import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { setMaxListeners } from 'node:events';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

import { createHttpApi } from '../../src/api/httpApi.ts';
import { createKeyRing } from '../../src/api/keyRing.ts';
import { withRetries } from '../../src/api/withRetries.ts';
import { withTraffic } from '../../src/api/withTraffic.ts';
import type { BatchDeps } from '../../src/batch/deps.ts';
import { makePlan } from '../../src/batch/plan.ts';
import { runBatch } from '../../src/batch/runBatch.ts';
import type { ProbedClip } from '../../src/core/clip.ts';
import type { Caps } from '../../src/core/budget.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { BatchEvent } from '../../src/core/events.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { JobSettings } from '../../src/core/settings.ts';
import type { Tags } from '../../src/core/tags.ts';
import type { WorkOrder } from '../../src/core/workOrder.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { estimateClip } from '../../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF } from '../../src/pricing/tariff.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/startSandbox.ts';

export const KEY = 'test-key-0123456789';
const SETTINGS: JobSettings = {
  model: 'light',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
};

/**
 * Time that passes a thousand times faster, or as `longestMs` says; waiting still lets the server
 * work.
 *
 * @param wall how far the wall clock is ahead
 * @param longestMs what twenty seconds and more take in truth
 */
function fastClock(wall: { readonly aheadMs: number }, longestMs: number): Clock {
  const skipped = { ms: 0 };
  return {
    now: () => Math.round(performance.timeOrigin + performance.now() + skipped.ms + wall.aheadMs),
    monotonic: () => performance.now() + skipped.ms,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      skipped.ms += ms;
      await delay(Math.min(longestMs, (ms * longestMs) / 20_000));
      signal?.throwIfAborted();
    },
  };
}

export interface World {
  readonly folder: string;
  readonly results: string;
  readonly sandbox: Sandbox;
  /** Writes a clip of the given bytes; the tests of probing and verifying use real ones. */
  clip(name: string, content?: string): Promise<ProbedClip>;
  /** One process: its own run, a ledger opened anew. */
  run(clips: readonly ProbedClip[], options?: RunOptions): Promise<readonly Outcome[]>;
  withLedger<T>(read: (ledger: Ledger) => T): T;
  /** Milliseconds on the client's clock that never jumps. */
  monotonic(): number;
  /** Moves the client's wall clock, as a person or a time server may. */
  setClock(aheadMs: number): void;
  readonly events: BatchEvent[];
}

export interface RunOptions {
  readonly concurrency?: number;
  readonly order?: WorkOrder;
  readonly settings?: Partial<JobSettings>;
  readonly results?: string;
  readonly repay?: boolean;
  readonly waitCredits?: boolean;
  readonly freeBytes?: number;
  readonly apiKey?: string;
  /** Of something between the client and the sandbox. */
  readonly baseUrl?: string;
  readonly previousKeys?: readonly string[];
  /** What is found where the key came from, when it is looked at again. */
  readonly rereadKey?: string;
  /** Stands between the batch and the disk, to crash it. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
  readonly signal?: AbortSignal;
  readonly jobTimeoutMs?: number;
  readonly verify?: BatchDeps['verify'];
  readonly keepZip?: boolean;
  /** Sees every event as it is reported. */
  readonly onEvent?: (event: BatchEvent) => void;
  readonly caps?: Caps;
  readonly alertAt?: readonly number[];
  readonly tags?: Tags;
}

/**
 * A sandbox, a state folder and a results folder, gone when the test ends.
 *
 * @param longestSleepMs what the longest of the client's sleeps takes in truth: more for a server
 *   that does something late, on however busy a machine
 */
export async function createWorld(
  options: Partial<SandboxOptions> = {},
  longestSleepMs = 20,
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-batch-'));
  const sandbox = await startSandbox({
    dataDir: join(folder, 'server'),
    keys: [KEY],
    probeDurationSeconds: () => Promise.resolve(2),
    async work({ jobId, outputPath }) {
      await writeFile(outputPath, `output of ${jobId} `.repeat(2000));
      return { ok: true, durationSeconds: 2 };
    },
    ...options,
  });
  onTestFinished(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const stateDir = join(folder, 'state');
  const results = join(folder, 'results');
  const wall = { aheadMs: 0 };
  const clock = fastClock(wall, longestSleepMs);
  const events: BatchEvent[] = [];
  let runs = 0;

  return {
    folder,
    results,
    sandbox,
    events,
    monotonic: () => clock.monotonic(),
    setClock: (aheadMs) => void (wall.aheadMs = aheadMs),
    async clip(name, content = `bytes of ${name}`) {
      const path = join(folder, 'clips', name);
      mkdirSync(dirname(path), { recursive: true });
      await writeFile(path, content);
      const { size, mtimeMs } = await stat(path);
      return {
        path,
        relativePath: name,
        sizeBytes: size,
        mtimeMs,
        media: {
          durationUs: 2_000_000,
          width: 320,
          height: 180,
          framesPerSecond: 25,
          hasAudio: false,
          videoCodec: 'h264',
          readBy: 'header',
        },
      };
    },
    async run(clips, given = {}) {
      const opened = openLedger(stateDir, clock);
      const ledger = given.wrapLedger?.(opened) ?? opened;
      try {
        const plan = await makePlan(
          {
            estimates: clips.map((clip) => estimateClip(clip, BUILT_IN_TARIFF)),
            rejected: [],
            scope: 'test',
            settings: { ...SETTINGS, ...given.settings },
            repay: given.repay ?? false,
            tariff: BUILT_IN_TARIFF,
            outputDir: given.results ?? results,
            keepZip: given.keepZip ?? false,
            tags: clips.map(() => given.tags ?? {}),
          },
          ledger,
        );
        runs += 1;
        const runId = `run-${runs}`;
        ledger.startRun({
          id: runId,
          profile: 'test',
          scope: 'test',
          settings: plan.settings,
          outputDir: plan.outputDir,
          clientVersion: '0',
          estimate: plan.cost,
          ...(given.caps === undefined ? {} : { caps: given.caps }),
          clips: plan.items.map(({ clip, wantedPath, tags }) => ({ ...clip, wantedPath, tags })),
        });
        const report = (event: BatchEvent): void => {
          events.push(event);
          given.onEvent?.(event);
        };
        const baseUrl = given.baseUrl ?? sandbox.url;
        const signal = given.signal ?? new AbortController().signal;
        setMaxListeners(0, signal);
        const keys = createKeyRing({
          apiKey: given.apiKey ?? KEY,
          previousKeys: given.previousKeys ?? [],
          connect(apiKey) {
            const traffic = { clock, random: Math.random, report };
            const http = createHttpApi({ baseUrl, apiKey, userAgent: 'rbgv-test' });
            const apiOnce = withTraffic(http, traffic);
            return { apiOnce, api: withRetries(apiOnce, traffic) };
          },
          reread: () => given.rereadKey ?? given.apiKey ?? KEY,
        });
        return await runBatch(plan, {
          runId,
          get api() {
            return keys.current.api;
          },
          get apiOnce() {
            return keys.current.apiOnce;
          },
          connectionFor: (fingerprint) => keys.connectionFor(fingerprint),
          renewKey: (fingerprint, signal) => keys.renew(fingerprint, signal),
          ledger,
          clock,
          random: Math.random,
          report,
          verify:
            given.verify ??
            (() => Promise.resolve({ ok: true, durationUs: 2_000_000, width: 320, height: 180 })),
          freeBytes: () => Promise.resolve(given.freeBytes ?? 1e12),
          signal,
          order: given.order ?? 'given',
          waitCredits: given.waitCredits ?? false,
          alertAt: given.alertAt ?? [],
          concurrency: given.concurrency ?? 3,
          jobTimeoutMs: given.jobTimeoutMs ?? 6 * 3_600_000,
          quietMs: 90_000,
          onHint: undefined,
        });
      } finally {
        opened.close();
      }
    },
    withLedger(read) {
      const ledger = openLedger(stateDir, clock);
      try {
        return read(ledger);
      } finally {
        ledger.close();
      }
    },
  };
}

/** How often each job was charged, refunds not counted. */
export function chargesPerJob(sandbox: Sandbox): readonly number[] {
  const counts = new Map<string, number>();
  for (const charge of sandbox.charges()) {
    if (charge.reason === 'refund') continue;
    counts.set(charge.job_id, (counts.get(charge.job_id) ?? 0) + 1);
  }
  return [...counts.values()];
}

/** Paid starts in all, refunds not counted. */
export function chargeCount(sandbox: Sandbox): number {
  return sandbox.charges().filter(({ reason }) => reason !== 'refund').length;
}

export const statuses = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) =>
    outcome.status === 'done' ? 'done' : `${outcome.status} ${outcome.code}`,
  );

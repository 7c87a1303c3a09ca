import { rename, writeFile } from 'node:fs/promises';

import { systemClock, type Clock } from '../core/clock.ts';
import type { OutputFormat } from '../core/model.ts';
import { seededRandom } from './faults/seededRandom.ts';
import type { Work, WorkRequest } from './work.ts';

/** How long a simulated job takes, in simulated seconds. */
export type ServiceTime =
  | { readonly type: 'fixed'; readonly seconds: number }
  /** Most jobs near the median, a few far above it. `sigma` of the logarithm; 0.5 is mild. */
  | { readonly type: 'lognormal'; readonly medianSeconds: number; readonly sigma: number }
  /** So many seconds for each second of the clip. */
  | { readonly type: 'per_second'; readonly factor: number };

/** The first bytes of each format, for whoever looks at no more. */
const MAGIC: Readonly<Record<OutputFormat, string>> = {
  webm: '1a45dfa3',
  mov: '00000014667479707174202000000000',
  mp4: '000000186674797069736f6d00000200',
  gif: '474946383961',
  webp: '524946460000000057454250',
  png_sequence: '504b0304',
};

/**
 * Work without any: waits, then writes a few bytes that depend on the settings alone. For
 * benchmarks and crash tests; the sandbox's `workers` are the server's slots.
 *
 * @param options.seed makes the n-th job of each run take the same time; default 1
 * @param options.clockScale simulated seconds in a real one; default 1
 */
export function simulatedWork(options: {
  readonly service: ServiceTime;
  readonly seed?: number;
  readonly clockScale?: number;
  readonly clock?: Clock;
}): Work {
  const { service, seed = 1, clockScale = 1, clock = systemClock } = options;
  let jobs = 0;
  return async (request, { signal }) => {
    jobs += 1;
    const durationSeconds = Math.min(request.previewSeconds ?? Infinity, request.durationSeconds);
    const seconds = serviceSeconds(service, durationSeconds, seed, jobs);
    await clock.sleep((seconds / clockScale) * 1_000, signal);
    await writeFile(`${request.outputPath}.part`, outputBytes(request));
    await rename(`${request.outputPath}.part`, request.outputPath);
    return { ok: true, durationSeconds, engine: 'simulated' };
  };
}

function serviceSeconds(
  service: ServiceTime,
  durationSeconds: number,
  seed: number,
  job: number,
): number {
  switch (service.type) {
    case 'fixed':
      return service.seconds;
    case 'per_second':
      return service.factor * durationSeconds;
    case 'lognormal':
      return service.medianSeconds * Math.exp(service.sigma * normal(seed, job));
  }
}

/** Normally distributed around 0 (Box–Muller). */
function normal(seed: number, draw: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - seededRandom(seed, draw, 1)));
  return radius * Math.cos(2 * Math.PI * seededRandom(seed, draw, 2));
}

function outputBytes(request: WorkRequest): Buffer {
  const { model, format, background, prompt, durationSeconds } = request;
  const settings = JSON.stringify({ model, format, background, prompt, durationSeconds });
  return Buffer.concat([Buffer.from(MAGIC[format], 'hex'), Buffer.from(settings)]);
}

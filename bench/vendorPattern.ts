import { ApiError } from '../src/api/apiError.ts';
import { retryDelayMs } from '../src/core/backoff.ts';
import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';
import type { Client } from './simulatedService.ts';

const POLL_MS = 2_000;

/**
 * A program on the vendor's client: so many clips at a time, one after another from upload to
 * download, polls every 2 s, the documented back-off for each request by itself, repeated until it
 * is let in.
 */
export const vendorPattern =
  (pool: number): Client =>
  async (service, clock, { seed, seconds }) => {
    const { api } = service;
    const { signal } = new AbortController();
    let draws = 0;
    const random = (): number => seededRandom(seed, (draws += 1), 5);
    async function again<T>(call: () => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await call();
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          await clock.sleep(retryDelayMs(attempt, error.retryAfterMs, random));
        }
      }
    }
    const left = seconds.keys();
    const worker = async (): Promise<void> => {
      for (const clip of left) {
        const source = { path: import.meta.filename, fileName: `${clip}.mp4`, sizeBytes: 1 };
        const onProgress = (): void => undefined;
        const { videoUrl } = await again(() => api.upload({ ...source, onProgress }, signal));
        const id = await again(() => service.createStarted(videoUrl));
        do await clock.sleep(POLL_MS);
        while ((await again(() => api.getJob(id, signal))).status !== 'completed');
        await api.openOutput({ url: 'https://outputs.example', resume: undefined }, signal);
      }
    };
    await Promise.all(Array.from({ length: pool }, worker));
  };

import { Readable } from 'node:stream';

import type { Clock } from '../core/clock.ts';
import type { Api } from './api.ts';

/** Pieces a second in which bytes go out: fine enough to look steady, coarse enough to cost nothing. */
const PIECES_PER_SECOND = 20;

/**
 * Keeps uploads and downloads together under a rate.
 *
 * @param bytesPerSecond at least 50,000, so that no transfer looks dead
 */
export function withBandwidth(api: Api, bytesPerSecond: number, clock: Clock): Api {
  const piece = Math.ceil(bytesPerSecond / PIECES_PER_SECOND);
  let freeAt = clock.monotonic();

  /** The same bytes, each when its time has come. Transfers take turns piece by piece. */
  async function* paced(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      for (let start = 0; start < chunk.length; start += piece) {
        const part = chunk.subarray(start, start + piece);
        const now = clock.monotonic();
        const begin = Math.max(now, freeAt);
        freeAt = begin + (part.length / bytesPerSecond) * 1000;
        if (begin > now) await clock.sleep(begin - now);
        yield part;
      }
    }
  }

  return {
    ...api,
    upload: (source, signal) => api.upload({ ...source, paced }, signal),
    async openOutput(request, signal) {
      const output = await api.openOutput(request, signal);
      const body = Readable.from(paced(output.body), { objectMode: false });
      // One that is given up while it waits for its first piece would leave the connection open.
      body.once('close', () => output.body.destroy());
      return { ...output, body };
    },
  };
}

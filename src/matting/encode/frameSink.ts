import { open, rename, rm } from 'node:fs/promises';

import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import type { Frame } from '../grid/frame.ts';
import { runProcess } from '../media/runProcess.ts';
import { encoderArguments, type EncoderOptions } from './encoderArguments.ts';
import { partPath } from './partPath.ts';
import { zipPngStream } from './zipPngStream.ts';

/** Where finished frames go. */
export interface FrameSink {
  /** Hands one frame over; resolves when its memory may be used again. */
  write(frame: Frame, alpha: Uint8Array | undefined): Promise<void>;
  /**
   * Ends the file and puts it in its place, whole.
   *
   * @throws ProcessFailed when the encoder failed
   */
  finish(): Promise<void>;
  /** Leaves nothing behind. Harmless after `finish`. */
  discard(): Promise<void>;
}

/** Starts an encoder that writes beside `outputPath`. */
export function openFrameSink(
  options: EncoderOptions,
  outputPath: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): FrameSink {
  const part = partPath(outputPath);
  const isZip = options.format === 'png_sequence';
  const args = encoderArguments(options, isZip ? '-' : part);
  const encoder = runProcess(tools.ffmpegPath, args, signal);
  const zipped = isZip ? zipPngStream(encoder.stdout, part) : undefined;
  // Observed here because nobody waits for it before the last frame.
  zipped?.catch(() => undefined);

  const push = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      encoder.stdin.write(bytes, (error) => {
        if (error) encoder.done.then(() => reject(error), reject);
        else resolve();
      });
    });

  return {
    async write({ y, u, v }, alpha) {
      const planes = [push(y), push(u), push(v)];
      if (alpha !== undefined) planes.push(push(alpha));
      await Promise.all(planes);
    },
    async finish() {
      encoder.stdin.end();
      await encoder.done;
      await zipped;
      await flush(part);
      await rename(part, outputPath);
    },
    async discard() {
      await encoder.kill();
      await zipped?.catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

/** A name must never point to bytes that a power cut can still take. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

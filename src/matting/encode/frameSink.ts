import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { OutputFormat } from '../../core/model.ts';
import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import type { Frame } from '../grid/frame.ts';
import { runProcess } from '../media/runProcess.ts';
import { openAlphaWebmEncoder } from './alphaWebmEncoder.ts';
import { clearGifPictures } from './clearGifPictures.ts';
import { type Encoder, push } from './encoder.ts';
import { encoderArguments, type EncoderOptions } from './encoderArguments.ts';
import { partPath } from './partPath.ts';
import { zipPngStream } from './zipPngStream.ts';

/** What is done to the encoder's output on its way into the file, where ffmpeg alone falls short. */
const FINISHING: Partial<
  Record<
    OutputFormat,
    (hasAlpha: boolean) => ((encoded: Readable, path: string) => Promise<void>) | undefined
  >
> = {
  gif: (hasAlpha) =>
    hasAlpha
      ? (encoded, path) => pipeline(encoded, clearGifPictures(), createWriteStream(path))
      : undefined,
  png_sequence: () => zipPngStream,
};

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
  const openEncoder =
    options.format === 'webm' && options.hasAlpha ? openAlphaWebmEncoder : openPlainEncoder;
  const encoder = openEncoder(options, part, tools, signal);
  return {
    write: (frame, alpha) => encoder.write(frame, alpha),
    async finish() {
      await encoder.finish();
      await flush(part);
      await rename(part, outputPath);
    },
    async discard() {
      await encoder.kill();
      await rm(part, { force: true });
    },
  };
}

function openPlainEncoder(
  options: EncoderOptions,
  path: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Encoder {
  const finishing = FINISHING[options.format]?.(options.hasAlpha);
  const args = encoderArguments(options, finishing === undefined ? path : '-');
  const encoder = runProcess(tools.ffmpegPath, args, signal);
  const finished = finishing?.(encoder.stdout, path);
  // Observed here because nobody waits for it before the last frame.
  finished?.catch(() => undefined);
  return {
    async write({ y, u, v }, alpha) {
      const planes = [push(encoder, y), push(encoder, u), push(encoder, v)];
      if (alpha !== undefined) planes.push(push(encoder, alpha));
      await Promise.all(planes);
    },
    async finish() {
      encoder.stdin.end();
      await encoder.done;
      await finished;
    },
    async kill() {
      await encoder.kill();
      await finished?.catch(() => undefined);
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

import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { OutputFormat } from '../../core/model.ts';
import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import type { SourceInfo } from '../media/probeSource.ts';
import { pictureHeader, streamHeader } from '../media/matroska.ts';
import type { TimedFrame } from '../media/readFrames.ts';
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
  write(timed: TimedFrame, alpha: Uint8Array | undefined): Promise<void>;
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
    write: (timed, alpha) => encoder.write(timed, alpha),
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
  const { source, hasAlpha } = options;
  const begun = push(encoder, streamHeader(source.width, source.height, hasAlpha, source.rate));
  begun.catch(() => undefined);
  // Observed here because nobody waits for it before the last frame.
  finished?.catch(() => undefined);
  const write = async (timeUs: number, planes: readonly Uint8Array[]): Promise<void> => {
    const size = planes.reduce((sum, plane) => sum + plane.length, 0);
    const parts = [pictureHeader(timeUs, size), ...planes];
    await Promise.all(parts.map((part) => push(encoder, part)));
  };
  let last: (() => Promise<void>) | undefined;
  return {
    async write({ frame: { y, u, v }, timeUs }, alpha) {
      const planes = alpha === undefined ? [y, u, v] : [y, u, v, alpha];
      await write(timeUs, planes);
      if (repeatsLast(options)) last = () => write(timeUs + lastUs(source), planes);
    },
    async finish() {
      await last?.();
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

/**
 * MOV and MP4 show each picture until the next one. Without a rate the last has none and would not be
 * shown at all, so it comes once more, where it ends.
 */
function repeatsLast({ format, isSteady }: EncoderOptions): boolean {
  return !isSteady && (format === 'mov' || format === 'mp4');
}

/** How long the last picture is shown, but for the moment of its repetition, microseconds. */
function lastUs({ rate, timeBase }: SourceInfo): number {
  return Math.round(1_000_000 * (rate.den / rate.num - timeBase.num / timeBase.den));
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

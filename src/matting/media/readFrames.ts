import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import { type Frame, frameBytes, frameOver } from '../grid/frame.ts';
import type { ColorMatrix, SourceInfo } from './probeSource.ts';
import { runProcess } from './runProcess.ts';

/** How a clip is decoded. */
export interface ReadOptions {
  /** Frames per second, as a filter expression (`30000/1001`); frames are repeated or dropped. */
  readonly rate: string;
  /** The matrix of the YUV delivered. */
  readonly matrix: ColorMatrix;
  /** Only so much from the beginning. */
  readonly limitSeconds: number | undefined;
}

/**
 * Decodes a clip to 4:2:0 frames of its size, one at a time, at a constant rate from time zero. Each frame is
 * valid until the next one is asked for: its memory is used again. Leaving the loop early ends
 * ffmpeg.
 *
 * @throws ProcessFailed when ffmpeg ends badly; the signal's reason when aborted
 */
export async function* readFrames(
  source: SourceInfo,
  tools: FfmpegTools,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  const { width, height } = source;
  const decoder = runProcess(tools.ffmpegPath, decoderArguments(source, options), signal);
  decoder.stdin.end();
  const bytes = new Uint8Array(frameBytes(width, height));
  const frame = frameOver(bytes, width, height);
  let filled = 0;
  try {
    for await (const chunk of decoder.stdout as AsyncIterable<Buffer>) {
      for (let used = 0; used < chunk.length;) {
        const take = Math.min(chunk.length - used, bytes.length - filled);
        bytes.set(chunk.subarray(used, used + take), filled);
        used += take;
        filled += take;
        if (filled === bytes.length) {
          yield frame;
          filled = 0;
        }
      }
    }
    await decoder.done;
  } finally {
    await decoder.kill();
  }
}

function decoderArguments(source: SourceInfo, options: ReadOptions): string[] {
  const { rate, matrix, limitSeconds } = options;
  const filters = [
    // Before scaling, so that dropped frames cost nothing; from zero, so that sound stays in step.
    `fps=fps=${rate}:start_time=0:round=near`,
    `scale=${source.width}:${source.height}:flags=bilinear+accurate_rnd:in_color_matrix=${source.inputMatrix}:` +
      `out_color_matrix=${matrix}:out_range=limited`,
    'format=yuv420p',
  ];
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe'],
    ...(limitSeconds === undefined ? [] : ['-t', String(limitSeconds)]),
    ...['-i', source.path, '-map', '0:V:0', '-vf', filters.join(',')],
    ...['-f', 'rawvideo', '-'],
  ];
}

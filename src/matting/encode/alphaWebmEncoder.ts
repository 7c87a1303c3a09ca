import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import { half } from '../grid/frame.ts';
import { ProcessFailed, type RunningProcess, runProcess } from '../media/runProcess.ts';
import { type Encoder, push } from './encoder.ts';
import {
  alphaMuxerArguments,
  type EncoderOptions,
  planeEncoderArguments,
} from './encoderArguments.ts';
import { muxAlpha } from './muxAlpha.ts';
import { readIvf } from './readIvf.ts';
import { createByteReader } from '../media/byteReader.ts';

/**
 * WebM with alpha: two plain VP9 encoders, one for colour and one for opacity, joined here, and a
 * third ffmpeg that adds the sound. ffmpeg's own way to VP9 with alpha hands the speed settings to
 * the colour alone (up to 4.3), which makes it thirty times slower.
 */
export function openAlphaWebmEncoder(
  options: EncoderOptions,
  path: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Encoder {
  const { source, matrix } = options;
  const run = (args: readonly string[]) => runProcess(tools.ffmpegPath, args, signal);
  const color = run(planeEncoderArguments(options));
  const opacity = run(planeEncoderArguments(options));
  const muxer = run(alphaMuxerArguments(options, path));
  const packets = (from: RunningProcess) => readIvf(createByteReader(from.stdout));
  const times: number[] = [];
  // Whichever is the first to fail: a muxer that has ended keeps nobody waiting.
  const muxed = Promise.all([
    muxAlpha(packets(color), packets(opacity), times, source, matrix, muxer),
    muxer.done,
  ]);
  // Observed here because nobody waits for it before the last frame.
  muxed.catch(() => undefined);
  const noChroma = new Uint8Array(2 * half(source.width) * half(source.height)).fill(128);

  let written = 0;

  return {
    async write({ frame: { y, u, v }, timeUs }, alpha) {
      times.push(timeUs);
      const planes = [push(color, y), push(color, u), push(color, v)];
      if (alpha !== undefined) planes.push(push(opacity, alpha), push(opacity, noChroma));
      // When the muxer fails the encoders only stand still.
      await Promise.race([Promise.all(planes), muxed]);
      written++;
    },
    async finish() {
      color.stdin.end();
      opacity.stdin.end();
      await Promise.all([color.done, opacity.done]);
      const [count] = await muxed;
      if (count !== written)
        throw new ProcessFailed(`of ${written} pictures ${count} were encoded`);
    },
    async kill() {
      await Promise.all([color.kill(), opacity.kill(), muxer.kill()]);
    },
  };
}

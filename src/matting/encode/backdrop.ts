import { buffer } from 'node:stream/consumers';

import type { Rgb } from '../../core/background.ts';
import type { FfmpegTools } from '../../core/ffmpegTools.ts';
import { type Frame, frameBytes, frameOver, newFrame } from '../grid/frame.ts';
import type { ColorMatrix } from '../media/probeSource.ts';
import { ProcessFailed, runProcess } from '../media/runProcess.ts';

/** A backdrop of one colour. */
export function colorBackdrop(rgb: Rgb, matrix: ColorMatrix, width: number, height: number): Frame {
  const [red, green, blue] = rgb;
  const [kr, kb] = matrix === 'bt709' ? [0.2126, 0.0722] : [0.299, 0.114];
  const luma = kr * red + (1 - kr - kb) * green + kb * blue;
  const frame = newFrame(width, height);
  frame.y.fill(Math.round(16 + (219 / 255) * luma));
  frame.u.fill(Math.round(128 + ((224 / 255) * (blue - luma)) / (2 * (1 - kb))));
  frame.v.fill(Math.round(128 + ((224 / 255) * (red - luma)) / (2 * (1 - kr))));
  return frame;
}

/**
 * A backdrop from an image file, scaled to cover the picture and cut in the middle.
 *
 * @throws ProcessFailed when the file holds no picture; the signal's reason when aborted
 */
export async function imageBackdrop(
  path: string,
  tools: FfmpegTools,
  matrix: ColorMatrix,
  width: number,
  height: number,
  signal: AbortSignal,
): Promise<Frame> {
  const filters =
    `scale=${width + 2}:${height + 2}:force_original_aspect_ratio=increase:flags=bicubic:` +
    `out_color_matrix=${matrix}:out_range=limited,crop=${width}:${height}:exact=1,format=yuv420p`;
  const decoder = runProcess(
    tools.ffmpegPath,
    [
      ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', '-i', path],
      ...['-frames:v', '1', '-vf', filters, '-f', 'rawvideo', '-'],
    ],
    signal,
  );
  decoder.stdin.end();
  const [bytes] = await Promise.all([buffer(decoder.stdout), decoder.done]);
  if (bytes.length !== frameBytes(width, height)) {
    throw new ProcessFailed('the background image holds no picture');
  }
  return frameOver(bytes, width, height);
}

import { execa } from 'execa';

import type { SceneOptions } from '../fixtures/scene.ts';
import { renderScene, type SceneName } from '../fixtures/scenes.ts';
import { FFMPEG_ENV, type FfmpegTools } from '../src/core/ffmpegTools.ts';
import { copyFrame, frameBytes, frameOver, half, withLuma } from '../src/matting/grid/frame.ts';
import { probeSource } from '../src/matting/media/probeSource.ts';
import { readFrames } from '../src/matting/media/readFrames.ts';
import { createRefine } from '../src/matting/refine/refine.ts';

/** Of an outline on the chroma grid, in its pixels. */
const OUTLINE_DOUBT = 2;

/**
 * The most that the refine kernel makes of a scene: it is given the empty scene as rendered, and as
 * outline the true opacity cut at one half, on the kernel's grid.
 *
 * @param clip the scene, encoded
 * @param truth its opacity, 0..255, frame after frame
 * @returns the opacity found, like `truth`
 */
export async function matteCeiling(
  name: SceneName,
  options: SceneOptions,
  clip: string,
  truth: Uint8Array,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  const { signal } = new AbortController();
  const source = await probeSource(clip, tools, signal);
  if (source === undefined) throw new Error(`${clip} cannot be read`);
  const { width, height } = options;
  const plates = await emptyScene(name, options, tools);
  const bytes = frameBytes(width, height);
  const seen = new Uint8Array(half(width) * half(height)).fill(1);
  const found = new Uint8Array(truth.length);
  const size = width * height;
  let n = 0;
  const reading = { matrix: 'bt709', limitSeconds: undefined } as const;
  for await (const { frame } of readFrames(source, tools, reading, signal)) {
    const empty = frameOver(plates.subarray(n * bytes, (n + 1) * bytes), width, height);
    const refine = createRefine({ plate: withLuma(empty), seen }, OUTLINE_DOUBT);
    const outline = outlineOf(truth.subarray(n * size, (n + 1) * size), width, height);
    refine(withLuma(copyFrame(frame)), outline, found.subarray(n * size, (n + 1) * size));
    n++;
  }
  return found;
}

/** 0 or 255 on the chroma grid: whether a 2×2 block is covered by half. */
function outlineOf(alpha: Uint8Array, width: number, height: number): Uint8Array {
  const outline = new Uint8Array(half(width) * half(height));
  for (let i = 0; i < outline.length; i++) {
    const column = i % half(width);
    const p = 2 * ((i - column) / half(width)) * width + 2 * column;
    const block = [p, p + 1, p + width, p + width + 1];
    const sum = block.reduce((before, at) => before + (alpha[at] ?? 0), 0);
    outline[i] = sum >= 4 * 128 ? 255 : 0;
  }
  return outline;
}

/** Raw 4:2:0 pictures of the scene without the figure. */
async function emptyScene(
  name: SceneName,
  options: SceneOptions,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  const pictures = Array.from(renderScene(name, { ...options, isEmpty: true }), ({ rgb }) => rgb);
  const args = [
    ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24'],
    ...['-s', `${options.width}x${options.height}`, '-i', '-'],
    ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p', '-f', 'rawvideo', '-'],
  ];
  const input = Buffer.concat(pictures);
  const run = { input, env: FFMPEG_ENV, encoding: 'buffer', maxBuffer: 1e9 } as const;
  return (await execa(tools.ffmpegPath, args, run)).stdout;
}

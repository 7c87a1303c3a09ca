import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import { decoderOptions } from './decoderOptions.ts';
import { runGraph } from './ffmpegGraph.ts';
import { ffprobe } from './ffprobe.ts';
import { readAnimation, readStill, selfContainedFrames } from './webp.ts';
import { openFrames } from './zipFrames.ts';

/** How a still is to be written. */
export interface Rendering {
  /** A filter from RGBA frames of the clip's own size. */
  readonly filter: string;
  /** Codec and format. */
  readonly outputOptions: readonly string[];
}

/** A still, and where in the clip it is. */
export interface Thumbnail {
  readonly bytes: Uint8Array;
  /** 0..1 */
  readonly position: number;
}

/**
 * An output's frame at a position from 0 up to 1, or the nearest one that can be shown by itself.
 *
 * @throws Error that says why there is none
 */
export async function outputThumbnail(
  path: string,
  format: OutputFormat,
  position: number,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Thumbnail> {
  switch (format) {
    case 'webp':
      return await fromWebp(path, position, rendering, tools);
    case 'png_sequence':
      return await fromPngs(path, position, rendering, tools);
    default:
      return { bytes: await videoThumbnail(path, position, rendering, tools), position };
  }
}

/**
 * A video's frame at a position from 0 up to 1.
 *
 * @throws Error with the complaint of ffprobe or ffmpeg
 */
export async function videoThumbnail(
  path: string,
  position: number,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  const reading = await ffprobe(path, tools);
  if (!reading.ok) throw new Error(reading.reason);
  const { video, durationUs = 0 } = reading.value;
  if (video === undefined) throw new Error('it holds no picture');
  const seconds = ((video.durationUs ?? durationUs) / 1_000_000) * position;
  const inputOptions = [...decoderOptions(video.codec), '-ss', seconds.toFixed(3)];
  return await render(path, inputOptions, '', rendering, tools);
}

async function fromWebp(
  path: string,
  wanted: number,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Thumbnail> {
  const file = await open(path, 'r');
  try {
    const animation = await readAnimation(file);
    const candidates = selfContainedFrames(animation);
    const ideal = frameAt(wanted, animation.frames.length);
    const distance = (index: number) => Math.abs(index - ideal);
    const index = candidates
      .map((frame) => animation.frames.indexOf(frame))
      .reduce((best, other) => (distance(other) < distance(best) ? other : best), 0);
    const frame = animation.frames[index];
    if (frame === undefined) throw new Error('it holds no frame');
    const canvas = `${animation.width}:${animation.height}:${frame.x}:${frame.y}`;
    const still = await readStill(file, frame);
    const placed = `pad=${canvas}:color=black@0,`;
    const bytes = await renderStill(still, '.webp', placed, rendering, tools);
    return { bytes, position: index / animation.frames.length };
  } finally {
    await file.close();
  }
}

async function fromPngs(
  path: string,
  position: number,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Thumbnail> {
  const archive = await openFrames(path, (await stat(path)).size);
  try {
    const frame = archive.frames[frameAt(position, archive.frames.length)];
    if (frame === undefined) throw new Error('the archive holds no PNG');
    const png = await archive.read(frame);
    return { bytes: await renderStill(png, '.png', '', rendering, tools), position };
  } finally {
    archive.close();
  }
}

/** The first frame that does not begin before a position, as a seek in a video finds it. */
function frameAt(position: number, count: number): number {
  return Math.min(count - 1, Math.ceil(position * count));
}

async function renderStill(
  still: Uint8Array,
  extension: string,
  filter: string,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  return await inTemporaryFolder(async (folder) => {
    const path = join(folder, `still${extension}`);
    await writeFile(path, still);
    return await render(path, [], filter, rendering, tools);
  });
}

async function render(
  path: string,
  inputOptions: readonly string[],
  filter: string,
  rendering: Rendering,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  return await inTemporaryFolder(async (folder) => {
    const output = join(folder, 'thumbnail');
    const complaint = await runGraph(
      {
        input: path,
        inputOptions,
        filter: `[0:v:0]format=rgba,${filter}${rendering.filter}[thumbnail]`,
        outputOptions: ['-map', '[thumbnail]', '-frames:v', '1', ...rendering.outputOptions],
        output,
      },
      tools,
    );
    if (complaint !== undefined) throw new Error(complaint);
    const bytes = await readFile(output);
    if (bytes.length === 0) throw new Error('no frame there');
    return bytes;
  });
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-thumbnail-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

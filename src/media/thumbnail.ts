import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { isFrameName } from '../core/frames.ts';
import type { OutputFormat } from '../core/model.ts';
import { decoderOptions } from './decoderOptions.ts';
import { runGraph } from './ffmpegGraph.ts';
import { ffprobe } from './ffprobe.ts';
import { readAnimation, readStill, selfContainedFrames } from './webp.ts';
import { openFrames } from './zipFrames.ts';

export const THUMBNAIL_WIDTH = 320;
export const THUMBNAIL_HEIGHT = 180;

/** One frame, fitted into 320x180 with clear margins: 4 bytes a pixel, RGBA, alpha not multiplied. */
export interface Thumbnail {
  readonly rgba: Uint8Array;
  /** Where in the clip it is, 0..1. */
  readonly position: number;
}

/**
 * A frame from the middle of an output, or the nearest one that can be shown by itself.
 *
 * @throws Error that says why there is none
 */
export async function outputThumbnail(
  path: string,
  format: OutputFormat,
  tools: FfmpegTools,
): Promise<Thumbnail> {
  switch (format) {
    case 'webp':
      return await fromWebp(path, tools);
    case 'png_sequence':
      return await fromPngs(path, tools);
    default:
      return { rgba: await videoThumbnail(path, 0.5, tools), position: 0.5 };
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
  tools: FfmpegTools,
): Promise<Uint8Array> {
  const reading = await ffprobe(path, tools);
  if (!reading.ok) throw new Error(reading.reason);
  const { video, durationUs = 0 } = reading.value;
  if (video === undefined) throw new Error('it holds no picture');
  const seconds = ((video.durationUs ?? durationUs) / 1_000_000) * position;
  return await shrink(path, [...decoderOptions(video.codec), '-ss', seconds.toFixed(3)], '', tools);
}

async function fromWebp(path: string, tools: FfmpegTools): Promise<Thumbnail> {
  const file = await open(path, 'r');
  try {
    const animation = await readAnimation(file);
    const candidates = selfContainedFrames(animation);
    const half = animation.frames.length / 2;
    const distance = (index: number) => Math.abs(index - half);
    const index = candidates
      .map((frame) => animation.frames.indexOf(frame))
      .reduce((best, other) => (distance(other) < distance(best) ? other : best), 0);
    const frame = animation.frames[index];
    if (frame === undefined) throw new Error('it holds no frame');
    const canvas = `${animation.width}:${animation.height}:${frame.x}:${frame.y}`;
    const still = await readStill(file, frame);
    const rgba = await shrinkStill(still, '.webp', `pad=${canvas}:color=black@0,`, tools);
    return { rgba, position: index / animation.frames.length };
  } finally {
    await file.close();
  }
}

/** Frames in a folder, or still in their zip. */
async function fromPngs(path: string, tools: FfmpegTools): Promise<Thumbnail> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).filter(isFrameName).sort();
    const name = names[Math.floor(names.length / 2)];
    if (name === undefined) throw new Error('the folder holds no frame');
    return { rgba: await shrink(join(path, name), [], '', tools), position: 0.5 };
  }
  const archive = await openFrames(path, (await stat(path)).size);
  try {
    const frame = archive.frames[Math.floor(archive.frames.length / 2)];
    if (frame === undefined) throw new Error('the archive holds no PNG');
    return { rgba: await shrinkStill(await archive.read(frame), '.png', '', tools), position: 0.5 };
  } finally {
    archive.close();
  }
}

async function shrinkStill(
  still: Uint8Array,
  extension: string,
  filter: string,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  return await inTemporaryFolder(async (folder) => {
    const path = join(folder, `still${extension}`);
    await writeFile(path, still);
    return await shrink(path, [], filter, tools);
  });
}

async function shrink(
  path: string,
  inputOptions: readonly string[],
  filter: string,
  tools: FfmpegTools,
): Promise<Uint8Array> {
  const size = `${THUMBNAIL_WIDTH}:${THUMBNAIL_HEIGHT}`;
  const fit = `scale=${size}:force_original_aspect_ratio=decrease`;
  const margins = `pad=${size}:(ow-iw)/2:(oh-ih)/2:color=black@0`;
  return await inTemporaryFolder(async (folder) => {
    const output = join(folder, 'thumbnail.rgba');
    const complaint = await runGraph(
      {
        input: path,
        inputOptions,
        filter: `[0:v:0]format=rgba,${filter}${fit},${margins}[thumbnail]`,
        outputOptions: ['-map', '[thumbnail]', '-frames:v', '1', '-f', 'rawvideo'],
        output,
      },
      tools,
    );
    if (complaint !== undefined) throw new Error(complaint);
    const rgba = await readFile(output);
    if (rgba.length !== THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT * 4) throw new Error('no frame there');
    return rgba;
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

import { open, stat } from 'node:fs/promises';

import type { FfmpegTools } from '../core/ffmpegTools.ts';
import { decodeStills } from './decodeStills.ts';
import type { Examination } from './examine.ts';
import type { WebpAnimation } from './webp.ts';
import { readAnimation, readStill, selfContainedFrames } from './webp.ts';
import { openFrames } from './zipFrames.ts';

/**
 * Examines an animated WebP frame by frame.
 *
 * @throws Error that says why it cannot be decoded
 */
export async function examineWebp(path: string, tools: FfmpegTools): Promise<Examination> {
  const file = await open(path, 'r');
  try {
    const animation = await readAnimation(file);
    const { width, height, frames } = animation;
    const stills = async function* (): AsyncGenerator<Buffer> {
      for (const frame of frames) yield await readStill(file, frame);
    };
    const report = await decodeStills(stills(), '.webp', tools);
    const milliseconds = frames.reduce((sum, frame) => sum + frame.durationMs, 0);
    return {
      width,
      height,
      frameCount: frames.length,
      durationsUs: [milliseconds * 1_000],
      hasAudio: false,
      lowestAlpha: leavesCanvasEmpty(animation) ? 0 : report.lowestAlpha,
      highestAlpha: report.highestAlpha,
      steadiness: replacesAll(animation) ? report.steadiness : undefined,
    };
  } finally {
    await file.close();
  }
}

/** Whether each frame is the whole picture, so that its alpha is what is seen. */
function replacesAll({ width, height, frames }: WebpAnimation): boolean {
  return frames.every(
    (frame) => frame.replaces && frame.width === width && frame.height === height,
  );
}

/** Encoders cut frames down to the subject: what they leave out is as clear as can be. */
function leavesCanvasEmpty(animation: WebpAnimation): boolean {
  const canvas = animation.width * animation.height;
  return selfContainedFrames(animation).some((frame) => frame.width * frame.height < canvas);
}

/**
 * Examines a zip of PNG files.
 *
 * @throws Error that says why it cannot be decoded, or what makes it dangerous to unpack
 */
export async function examinePngs(path: string, tools: FfmpegTools): Promise<Examination> {
  const archive = await openFrames(path, (await stat(path)).size);
  try {
    const { frames, read } = archive;
    const [first] = frames;
    if (first === undefined) throw new Error('the archive holds no PNG');
    const header = await read(first);
    const pictures = async function* (): AsyncGenerator<Buffer> {
      for (const frame of frames) yield await read(frame);
    };
    const report = await decodeStills(pictures(), '.png', tools);
    return {
      width: header.readUInt32BE(16),
      height: header.readUInt32BE(20),
      frameCount: frames.length,
      durationsUs: [],
      hasAudio: false,
      lowestAlpha: report.lowestAlpha,
      highestAlpha: report.highestAlpha,
      steadiness: report.steadiness,
    };
  } finally {
    archive.close();
  }
}

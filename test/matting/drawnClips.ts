import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';

import ffmpegInstaller from '@ffmpeg-installer/ffmpeg';
import ffprobeInstaller from '@ffprobe-installer/ffprobe';

import { FFMPEG_ENV, type FfmpegTools } from '../../src/core/ffmpegTools.ts';

chmodSync(ffprobeInstaller.path, 0o755);

/** The npm fallback, so that every machine tests the same programs. */
export const tools: FfmpegTools = {
  ffmpegPath: ffmpegInstaller.path,
  ffprobePath: ffprobeInstaller.path,
  origin: 'bundled',
};

export type Colour = readonly [red: number, green: number, blue: number];

/** A scene: what is at a place at a moment, and how much of it is the figure (0..1). */
export interface Scene {
  readonly backdrop: (x: number, y: number) => Colour;
  /** Columns the figure has gone from the middle of the picture, at `progress` 0..1. */
  readonly walk: (progress: number, width: number) => number;
}

/** A green cloth: lighter in the middle, with folds. */
function greenCloth(x: number, y: number): Colour {
  const light = 1 - 0.3 * Math.abs(x - 0.5) - 0.2 * y + 0.04 * Math.sin(40 * x);
  return [40 * light, 170 * light, 70 * light];
}

/** A wall with a pattern of two scales. */
function pattern(x: number, y: number): Colour {
  const coarse = Math.sin(9 * x + 3 * y) + Math.sin(14 * y);
  const fine = Math.sin(70 * x) * Math.sin(50 * y);
  return [150 + 25 * coarse + 14 * fine, 140 + 20 * coarse, 125 - 20 * coarse + 14 * fine];
}

export const SCENES = {
  greenScreen: {
    backdrop: greenCloth,
    walk: (progress, width) => 0.12 * width * Math.sin(2 * Math.PI * progress),
  },
  walker: { backdrop: pattern, walk: (progress, width) => width * (1.5 * progress - 0.75) },
  speaker: {
    backdrop: pattern,
    walk: (progress, width) => 0.02 * width * Math.sin(4 * Math.PI * progress),
  },
  nobody: { backdrop: pattern, walk: (_, width) => 2 * width },
} satisfies Record<string, Scene>;

const SHIRT: Colour = [190, 60, 60];
const SKIN: Colour = [225, 175, 150];

/** Coverage of the figure's parts at a pixel, from signed distances in pixels. */
function figureAt(x: number, y: number, height: number): { colour: Colour; cover: number } {
  const head = 0.13 * height - Math.hypot(x, y - 0.3 * height);
  const trunk = 0.2 * height - Math.max(Math.abs(x), Math.abs(y - 0.75 * height) - 0.17 * height);
  const edge = Math.max(head, trunk);
  return {
    colour: head > trunk ? SKIN : SHIRT,
    cover: Math.max(0, Math.min(1, edge + 0.5)),
  };
}

export interface ClipOptions {
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  readonly rate?: number;
  /** Adds a tone, encoded like this. */
  readonly sound?: readonly string[];
  /** Instead of the usual encoding. */
  readonly encoding?: readonly string[];
  readonly filters?: string;
}

/**
 * Draws a scene into a file.
 *
 * @returns the figure's coverage, 0..255, frame after frame
 */
export async function drawClip(
  scene: Scene,
  path: string,
  options: ClipOptions = {},
): Promise<Uint8Array> {
  const { width = 320, height = 180, frames = 30, rate = 20 } = options;
  const encoding = options.encoding ?? ['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p'];
  const tone = ['-f', 'lavfi', '-t', String(frames / rate), '-i', 'sine=frequency=440'];
  const encoder = spawn(
    tools.ffmpegPath,
    [
      ...['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24'],
      ...['-video_size', `${width}x${height}`, '-framerate', String(rate), '-i', '-'],
      ...(options.sound === undefined ? [] : tone),
      ...['-vf', options.filters ?? 'null', ...encoding, ...(options.sound ?? []), path],
    ],
    { env: FFMPEG_ENV, stdio: ['pipe', 'inherit', 'inherit'] },
  );
  const truth = new Uint8Array(width * height * frames);
  for (let n = 0; n < frames; n++) {
    const rgb = Buffer.alloc(width * height * 3);
    const shift = width / 2 + scene.walk(n / Math.max(1, frames - 1), width);
    for (let i = 0; i < width * height; i++) {
      const x = i % width;
      const y = Math.floor(i / width);
      const { colour, cover } = figureAt(x - shift, y, height);
      const behind = scene.backdrop(x / width, y / height);
      const grain = 3 * (noise(i + 7919 * n) - 0.5);
      for (const channel of [0, 1, 2] as const) {
        rgb[3 * i + channel] = behind[channel] * (1 - cover) + colour[channel] * cover + grain;
      }
      truth[n * width * height + i] = 255 * cover;
    }
    if (!encoder.stdin.write(rgb)) await once(encoder.stdin, 'drain');
  }
  encoder.stdin.end();
  const [code] = (await once(encoder, 'close')) as [number];
  if (code !== 0) throw new Error(`drawing ${path} failed`);
  return truth;
}

/** Copies a clip and marks it as filmed with the camera turned: shown a quarter turn clockwise. */
export async function markTurned(from: string, to: string): Promise<void> {
  const args = ['-v', 'error', '-y', '-i', from, '-c', 'copy', '-metadata:s:v:0', 'rotate=270', to];
  const copier = spawn(tools.ffmpegPath, args, { env: FFMPEG_ENV, stdio: 'inherit' });
  const [code] = (await once(copier, 'close')) as [number];
  if (code !== 0) throw new Error(`marking ${to} failed`);
}

/** 0..1, the same for the same number. */
function noise(n: number): number {
  const mixed = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}

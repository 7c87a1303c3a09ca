import { access, chmod, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

import { RbgvError } from '../core/errors.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';

/** Where to look; every member may be missing. */
export interface ToolPlaces {
  readonly ffmpegPath?: string | undefined;
  readonly ffprobePath?: string | undefined;
  /** The value of `PATH`. */
  readonly searchPath?: string | undefined;
}

/**
 * Finds ffmpeg and ffprobe: what was given, else both on the search path, else the ones that npm
 * installed (optional dependencies, built for the common platforms).
 *
 * @throws RbgvError `usage`, `ffmpeg_missing` with what to do about it
 */
export async function locateTools(places: ToolPlaces): Promise<FfmpegTools> {
  const [ffmpegPath, ffprobePath] = await Promise.all([
    places.ffmpegPath === undefined ? find('ffmpeg', places) : given(places.ffmpegPath),
    places.ffprobePath === undefined ? find('ffprobe', places) : given(places.ffprobePath),
  ]);
  const nothingGiven = places.ffmpegPath === undefined && places.ffprobePath === undefined;
  const bothFound = ffmpegPath !== undefined && ffprobePath !== undefined;
  // Two builds years apart disagree in what they read: on the search path it is both or none.
  if (bothFound) return { ffmpegPath, ffprobePath, origin: 'system' };
  const [bundledFfmpeg, bundledFfprobe] = await Promise.all([
    bundled(() => import('@ffmpeg-installer/ffmpeg')),
    bundled(() => import('@ffprobe-installer/ffprobe')),
  ]);
  return {
    ffmpegPath: (nothingGiven ? undefined : ffmpegPath) ?? bundledFfmpeg ?? missing('ffmpeg'),
    ffprobePath: (nothingGiven ? undefined : ffprobePath) ?? bundledFfprobe ?? missing('ffprobe'),
    origin: nothingGiven ? 'bundled' : 'system',
  };
}

async function given(path: string): Promise<string> {
  const absolute = resolve(path);
  if (await isExecutable(absolute)) return absolute;
  throw new RbgvError('usage', 'ffmpeg_missing', `\`${absolute}\` is not an executable file`, {
    hint: 'correct the path, or leave it out to use the ffmpeg on PATH',
  });
}

async function find(name: string, { searchPath = '' }: ToolPlaces): Promise<string | undefined> {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.flatMap((folder) =>
    delimiter === ';' ? [join(folder, `${name}.exe`)] : [join(folder, name)],
  );
  for (const candidate of candidates) {
    const absolute = resolve(candidate);
    if (await isExecutable(absolute)) return absolute;
  }
  return undefined;
}

/** The npm package's program; `undefined` where there is none for this platform. */
async function bundled(
  load: () => Promise<{ readonly default: { readonly path: string } }>,
): Promise<string | undefined> {
  let path;
  try {
    path = (await load()).default.path;
  } catch {
    return undefined;
  }
  if (await isExecutable(path)) return path;
  try {
    // The ffprobe package ships its program without the right to run it.
    await chmod(path, 0o755);
    return path;
  } catch (cause) {
    throw new RbgvError('usage', 'ffmpeg_missing', `\`${path}\` may not be run`, {
      hint: `run: sudo chmod 755 ${path}`,
      cause,
    });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(name: string): never {
  throw new RbgvError('usage', 'ffmpeg_missing', `\`${name}\` was not found`, {
    hint: 'install ffmpeg (Debian: sudo apt install ffmpeg), or run npm install without --omit=optional',
  });
}

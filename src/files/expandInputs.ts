import { realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';

import { isDynamicPattern } from 'tinyglobby';

import type { Clip, RejectedClip } from '../core/clip.ts';
import { sideBySide } from '../core/sideBySide.ts';
import { clipFromFile, rejected } from './clipFromFile.ts';
import { findMatches } from './findMatches.ts';
import type { FoundFile } from './findVideos.ts';
import { findVideos } from './findVideos.ts';

/** Files asked about at the same time: as many as there are threads for it. */
const READERS = 4;

export interface ExpandedInputs {
  readonly clips: readonly Clip[];
  readonly rejected: readonly RejectedClip[];
}

/**
 * Turns what a person typed into clips: files, folders (searched through) and glob patterns. A path
 * that exists is never read as a pattern. In folders and patterns only names with a video's
 * extension count; a file named on its own is always judged. A file reached twice is one clip, hard
 * links are two. Both lists are in natural order of path (`2.mp4` before `10.mp4`).
 *
 * @param options.cwd absolute; relative paths start here
 * @param options.exclude absolute folders whose content is not an input, such as the results folder
 */
export async function expandInputs(
  paths: readonly string[],
  options: { readonly cwd: string; readonly exclude?: readonly string[] },
): Promise<ExpandedInputs> {
  const isExcluded = insideOneOf(options.exclude ?? []);
  const files: FoundFile[] = [];
  const rejections: RejectedClip[] = [];
  for (const path of paths) {
    const expansion = await expandOne(path, options.cwd, isExcluded);
    files.push(...expansion.files);
    rejections.push(...expansion.rejected);
  }
  const clips = new Map<string, Clip>();
  for (const { clip, realPath } of await sideBySide(READERS, files, judge)) {
    if ('code' in clip) rejections.push(clip);
    else if (!clips.has(realPath)) clips.set(realPath, clip);
  }
  const onePerPath = new Map(rejections.map((rejection) => [rejection.path, rejection]));
  return {
    clips: [...clips.values()].sort(byPath),
    rejected: [...onePerPath.values()].sort(byPath),
  };
}

interface Expansion {
  readonly files: readonly FoundFile[];
  readonly rejected: readonly RejectedClip[];
}

async function expandOne(
  typed: string,
  cwd: string,
  isExcluded: (path: string) => boolean,
): Promise<Expansion> {
  if (typed === '') return nothingFound('(empty path)', 'no such file or folder');
  const path = resolve(cwd, typed);
  const kind = await kindOf(path);
  if (kind === 'folder') return await expandFolder(path, isExcluded);
  if (kind === 'file') return { files: [{ path, relativePath: basename(path) }], rejected: [] };
  if (!isDynamicPattern(typed)) return nothingFound(path, 'no such file or folder');
  const matches = await findMatches(typed, cwd);
  const files = matches.filter((match) => !isExcluded(match.path));
  if (files.length === 0) return nothingFound(path, 'the pattern matches no video file');
  return { files, rejected: [] };
}

async function expandFolder(
  path: string,
  isExcluded: (path: string) => boolean,
): Promise<Expansion> {
  const { files, unreadable } = await findVideos(path, isExcluded);
  const locked = unreadable.map((folder) => {
    const why = ['the folder cannot be listed', 'check its permissions'] as const;
    return rejected(folder.path, folder.relativePath || basename(path), 'unreadable', why);
  });
  if (files.length > 0 || locked.length > 0) return { files, rejected: locked };
  if (isExcluded(path)) return nothingFound(path, 'the folder is where results go');
  return nothingFound(path, 'the folder holds no video file');
}

async function judge({
  path,
  relativePath,
}: FoundFile): Promise<{ readonly clip: Clip | RejectedClip; readonly realPath: string }> {
  try {
    const [stats, realPath] = await Promise.all([stat(path), realpath(path)]);
    return { clip: clipFromFile(path, relativePath, stats), realPath };
  } catch {
    const why = ['a link to nothing, or gone since', 'mend the link or remove it'] as const;
    return { clip: rejected(path, relativePath, 'not_found', why), realPath: path };
  }
}

function nothingFound(path: string, reason: string): Expansion {
  const fix = 'pass .mp4, .mov, .webm or .avi files, or folders of them';
  return { files: [], rejected: [rejected(path, basename(path), 'not_found', [reason, fix])] };
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}

/** Tells whether a path is one of these folders or lies below one. */
export function insideOneOf(folders: readonly string[]): (path: string) => boolean {
  return (path) =>
    folders.some((folder) => {
      const below = relative(folder, path);
      return !(below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below));
    });
}

const natural = new Intl.Collator('en', { numeric: true });

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return natural.compare(a.path, b.path) || (a.path < b.path ? -1 : Number(a.path > b.path));
}

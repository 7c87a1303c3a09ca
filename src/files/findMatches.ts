import { isAbsolute, resolve } from 'node:path';

import { escapePath, glob } from 'tinyglobby';

import type { FoundFile } from './findVideos.ts';
import { videoTypeOf } from './videoTypes.ts';

/**
 * Finds the files with a video's extension that a glob pattern matches. Matched folders are searched
 * through, as a shell's expansion of the pattern would have them.
 *
 * @param cwd absolute; a relative pattern starts here
 * @returns in order of name; relative paths are below the pattern's fixed part
 */
export async function findMatches(pattern: string, cwd: string): Promise<readonly FoundFile[]> {
  const parts = pattern.split('/');
  const firstDynamic = parts.findIndex((part) => escapePath(part) !== part);
  const fixed = parts.slice(0, firstDynamic).join('/');
  const base = resolve(cwd, isAbsolute(pattern) ? `${fixed}/` : fixed);
  const below = parts.slice(firstDynamic).join('/').replace(/\/+$/, '');
  const matches = await glob([below, `${below}/**`], { cwd: base });
  return matches
    .sort()
    .filter((match) => videoTypeOf(match) !== 'other')
    .map((match) => ({ path: resolve(base, match), relativePath: match }));
}

import { join, parse } from 'node:path';

import { isFramesPath } from '../core/frames.ts';

/**
 * The name that is tried when others are taken: `a.webm`, `a-2.webm`, `a-3.webm`; folders of frames
 * have no extension: `a.v1_frames-2`.
 *
 * @param number from 1
 */
export function numberedPath(path: string, number: number): string {
  if (number === 1) return path;
  if (isFramesPath(path)) return `${path}-${number}`;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${number}${ext}`);
}

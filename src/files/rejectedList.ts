import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { RejectedClip } from '../core/clip.ts';

/** A file that cannot be worked, as one line of a list that people and programs can read. */
interface Line {
  readonly path: string;
  readonly stamp: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
  readonly moved_to: string | null;
}

/** What was found bad before; a file that has changed since is another one. */
export interface RejectedList {
  has(path: string, stamp: string): boolean;
  add(clip: RejectedClip, stamp: string, movedTo: string | undefined, now: number): Promise<void>;
}

/** Opens the list at `path`: JSON, one object a line. Lines that cannot be read count for nothing. */
export async function openRejectedList(path: string): Promise<RejectedList> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const known = new Map(text.split('\n').flatMap(readLine));
  return {
    has: (file, stamp) => known.get(file) === stamp,
    async add({ path: file, code, reason, fix }, stamp, movedTo, now) {
      known.set(file, stamp);
      const at = new Date(now).toISOString();
      const line: Line = { path: file, stamp, at, code, reason, fix, moved_to: movedTo ?? null };
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, `${JSON.stringify(line)}\n`);
    },
  };
}

function readLine(text: string): readonly (readonly [path: string, stamp: string])[] {
  try {
    const { path, stamp } = JSON.parse(text) as Partial<Line>;
    return typeof path === 'string' && typeof stamp === 'string' ? [[path, stamp]] : [];
  } catch {
    return [];
  }
}

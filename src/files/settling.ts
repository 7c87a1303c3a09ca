import { stat } from 'node:fs/promises';

import type { Clip, RejectedClip } from '../core/clip.ts';
import { clipFromFile } from './clipFromFile.ts';
import { findVideos } from './findVideos.ts';

/** A file that has not changed for the settling time. */
export interface SettledFile {
  readonly path: string;
  readonly file: Clip | RejectedClip;
  /** Tells one content from the next without reading it: size, time of change, inode. */
  readonly stamp: string;
  /** How long it has been seen unchanged, in milliseconds. */
  readonly unchangedMs: number;
}

export interface Look {
  readonly ready: readonly SettledFile[];
  /** Files that changed lately, or wait for their time. */
  readonly waiting: number;
  /** Milliseconds until one of them may be ready. */
  readonly nextMs: number | undefined;
}

/** A folder whose files come and grow. */
export interface SettlingFolder {
  look(): Promise<Look>;
  /** A file needs no further look unless it changes. */
  finish(path: string): void;
  /** A file is ready again only after so many milliseconds. */
  postpone(path: string, ms: number): void;
}

interface Entry {
  readonly stamp: string;
  readonly since: number;
  notBefore: number;
  finished: boolean;
}

/**
 * Tells which files of a folder are whole, as far as can be seen from outside: size and time of
 * change stayed the same for a while, by this process's own clock, whatever the file server's says.
 *
 * @param isExcluded tells which folders to leave out, by absolute path
 * @param now milliseconds on a clock that never jumps
 */
export function createSettlingFolder(
  folder: string,
  isExcluded: (folder: string) => boolean,
  settleMs: number,
  now: () => number,
): SettlingFolder {
  let entries = new Map<string, Entry>();
  return {
    async look() {
      const { files } = await findVideos(folder, isExcluded);
      const seen = new Map<string, Entry>();
      const ready: SettledFile[] = [];
      let next = Infinity;
      let waiting = 0;
      for (const { path, relativePath } of files) {
        const stats = await stat(path).catch(() => undefined);
        if (stats === undefined) continue;
        const at = now();
        const stamp = `${stats.size} ${stats.mtimeMs} ${stats.ino}`;
        const known = entries.get(path);
        const entry =
          known?.stamp === stamp
            ? known
            : { stamp, since: at, notBefore: at + settleMs, finished: false };
        seen.set(path, entry);
        if (entry.finished) continue;
        if (at >= entry.notBefore) {
          const file = clipFromFile(path, relativePath, stats);
          ready.push({ path, file, stamp, unchangedMs: at - entry.since });
        } else {
          waiting += 1;
          next = Math.min(next, entry.notBefore - at);
        }
      }
      entries = seen;
      return { ready, waiting, nextMs: next === Infinity ? undefined : next };
    },
    finish(path) {
      const entry = entries.get(path);
      if (entry !== undefined) entry.finished = true;
    },
    postpone(path, ms) {
      const entry = entries.get(path);
      if (entry !== undefined) entry.notBefore = now() + ms;
    },
  };
}

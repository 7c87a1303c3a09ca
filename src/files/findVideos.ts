import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { videoTypeOf } from './videoTypes.ts';

/** A file that looks like a video by its name. */
export interface FoundFile {
  readonly path: string;
  /** Below the folder that was searched, with `/`. */
  readonly relativePath: string;
}

export interface FolderSearch {
  readonly files: readonly FoundFile[];
  /** Folders that could not be listed. */
  readonly unreadable: readonly FoundFile[];
}

/**
 * Finds the files with a video's extension below a folder. Hidden names are skipped. Links are
 * followed, but no folder is entered twice, so a loop of links ends.
 *
 * @param isExcluded tells which folders to leave out, by absolute path
 */
export async function findVideos(
  root: string,
  isExcluded: (folder: string) => boolean,
): Promise<FolderSearch> {
  const files: FoundFile[] = [];
  const unreadable: FoundFile[] = [];
  const entered = new Set<string>();
  await visit(root, '');
  return { files, unreadable };

  async function visit(folder: string, relativePath: string): Promise<void> {
    let entries;
    try {
      const real = await realpath(folder);
      if (entered.has(real) || isExcluded(folder) || isExcluded(real)) return;
      entered.add(real);
      entries = await readdir(folder, { withFileTypes: true });
    } catch {
      unreadable.push({ path: folder, relativePath });
      return;
    }
    // Links last: what can be reached by its own name keeps it.
    entries.sort(
      (a, b) =>
        Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
    );
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const below = relativePath === '' ? entry.name : `${relativePath}/${entry.name}`;
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path)))) {
        await visit(path, below);
      } else if (videoTypeOf(entry.name) !== 'other') {
        files.push({ path, relativePath: below });
      }
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

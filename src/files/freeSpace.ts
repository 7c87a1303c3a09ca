import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Bytes that may still be written where a path is, or will be: the nearest folder that exists is
 * asked.
 */
export async function freeBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      if (dirname(folder) === folder) throw error;
    }
  }
}

import { statfs } from 'node:fs/promises';

/** Whether a folder's disk can take this many bytes and keep so many free. */
export async function hasRoom(
  folder: string,
  sizeBytes: number,
  minFreeBytes: number,
): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize - sizeBytes >= minFreeBytes;
}

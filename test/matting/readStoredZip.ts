import { buffer } from 'node:stream/consumers';

import { openPromise } from 'yauzl';

/** The entries of a zip; fails on one that is compressed. */
export async function readStoredZip(
  path: string,
): Promise<readonly { readonly name: string; readonly bytes: Buffer }[]> {
  const zip = await openPromise(path);
  const entries: { name: string; bytes: Buffer }[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.compressionMethod !== 0) throw new Error(`${entry.fileName} is compressed`);
    const bytes = await buffer(await zip.openReadStreamPromise(entry));
    entries.push({ name: entry.fileName, bytes });
  }
  return entries;
}

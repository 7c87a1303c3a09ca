import type { DataFolder } from './disk/dataFolder.ts';

/** Reads each clip's length once, as a thousand jobs may share one upload. */
export function createDurationReader(
  folder: DataFolder,
  probe: (path: string) => Promise<number | undefined>,
): (fileName: string) => Promise<number | undefined> {
  const known = new Map<string, Promise<number | undefined>>();
  return (fileName) => {
    const reading = known.get(fileName) ?? probe(folder.upload(fileName));
    known.set(fileName, reading);
    reading.catch(() => known.delete(fileName));
    return reading;
  };
}

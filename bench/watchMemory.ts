import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 50;

/**
 * Watches the memory of a process and all that it has started; Linux only. What is counted is the
 * proportional set size: a page that several processes share counts once.
 *
 * @param onSample told of every measurement, in MB
 * @returns ends the watch and tells the peaks
 */
export function watchMemory(id: number, onSample?: (mb: number) => void): () => PeakMemory {
  const peak = { allMb: 0, ownMb: 0 };
  const timer = setInterval(() => {
    const mb = familyMb(id);
    peak.allMb = Math.max(peak.allMb, mb);
    peak.ownMb = Math.max(peak.ownMb, proportionalKilobytes(id) / 1024);
    onSample?.(mb);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** Of the process itself, and of the sum of all its family. */
export interface PeakMemory {
  readonly ownMb: number;
  readonly allMb: number;
}

function familyMb(root: number): number {
  const family = new Set([root]);
  let kilobytes = 0;
  // Children have higher ids than their parents, but for the rare case that ids start anew.
  for (const id of processIds()) {
    const stat = read(`/proc/${id}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2]);
    if (!family.has(id) && !family.has(parent)) continue;
    family.add(id);
    kilobytes += proportionalKilobytes(id);
  }
  return kilobytes / 1024;
}

function proportionalKilobytes(id: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0);
}

function processIds(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => id > 0)
    .sort((one, other) => one - other);
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 20;
const PAGE_KB = 4;

/**
 * Watches the memory of a process and all that it has started; Linux only.
 *
 * @returns ends the watch and tells the peak of their resident sizes' sum, in MB
 */
export function watchMemory(id: number): () => number {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMb(id))), EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function residentMb(root: number): number {
  const family = new Set([root]);
  let pages = 0;
  // Children have higher ids than their parents, but for the rare case that ids start anew.
  for (const id of processIds()) {
    const stat = read(`/proc/${id}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2]);
    if (!family.has(id) && !family.has(parent)) continue;
    family.add(id);
    pages += Number(read(`/proc/${id}/statm`).split(' ')[1] ?? 0);
  }
  return (pages * PAGE_KB) / 1024;
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

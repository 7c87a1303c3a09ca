import { type Region, wholeGrid } from './region.ts';

/**
 * Removes islands and fills holes of a mask in place.
 *
 * @param mask 0 or 1
 * @param rules `islandShare`: islands smaller than this share of the largest go; `holePixels`:
 *   enclosed holes of up to this many pixels are filled
 * @param region outside of which the mask is zero
 */
export type TidyMask = (
  mask: Uint8Array,
  rules: { readonly islandShare: number; readonly holePixels: number },
  region?: Region,
) => void;

/**
 * A mask tidier with its own scratch memory. Components are 4-connected, and are put together of
 * runs: stretches of a row that are all foreground or all background.
 */
export function createTidyMask(width: number, height: number): TidyMask {
  const size = width * height;
  const start = new Int32Array(size);
  const end = new Int32Array(size);
  const parent = new Int32Array(size);
  const area = new Int32Array(size);
  const open = new Uint8Array(size);
  const whole = wholeGrid(width, height);

  function find(of: number): number {
    let root = of;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = of; at !== root;) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  }

  function join(a: number, b: number): void {
    const [first, second] = [find(a), find(b)];
    parent[Math.max(first, second)] = Math.min(first, second);
  }

  /** Numbers the runs as they lie in the region, joins those that touch, and says how many there are. */
  function findRuns(mask: Uint8Array, { left, top, right, bottom }: Region): number {
    let count = 0;
    let above = 0;
    for (let y = top; y < bottom; y++) {
      const firstOfRow = count;
      const endOfRow = y * width + right;
      for (let i = y * width + left; i < endOfRow;) {
        const first = i;
        const is = mask[i];
        while (i < endOfRow && mask[i] === is) i++;
        const isOnEdge = y === top || y === bottom - 1 || first === endOfRow - right + left;
        start[count] = first;
        end[count] = i;
        parent[count] = count;
        area[count] = 0;
        open[count] = isOnEdge || i === endOfRow ? 1 : 0;
        while (above < firstOfRow && end[above]! <= first - width) above++;
        for (let n = above; n < firstOfRow && start[n]! < i - width; n++) {
          if (mask[start[n]!] === is) join(n, count);
        }
        count++;
      }
      above = firstOfRow;
    }
    return count;
  }

  return (mask, { islandShare, holePixels }, region = whole) => {
    const count = findRuns(mask, region);
    let largest = 0;
    for (let n = 0; n < count; n++) {
      const root = find(n);
      area[root] = area[root]! + end[n]! - start[n]!;
      open[root] = open[root]! | open[n]!;
      if (mask[start[n]!] === 1) largest = Math.max(largest, area[root]);
    }
    const smallestIsland = largest * islandShare;
    for (let n = 0; n < count; n++) {
      const root = find(n);
      const isDust = area[root]! < smallestIsland;
      const isHole = open[root] === 0 && area[root]! <= holePixels;
      if (mask[start[n]!] === 1 ? isDust : isHole) {
        mask.fill(mask[start[n]!] === 1 ? 0 : 1, start[n], end[n]);
      }
    }
  };
}

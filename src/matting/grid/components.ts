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

/** A mask tidier with its own scratch memory. Components are 4-connected. */
export function createTidyMask(width: number, height: number): TidyMask {
  const label = new Int32Array(width * height);
  const parent = new Int32Array(width * height + 1);
  const area = new Int32Array(width * height + 1);
  const open = new Uint8Array(width * height + 1);
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

  /**
   * Gives the pixels of each component one label; the background is one of no interest, 0, unless
   * its components are asked for.
   */
  function findComponents(mask: Uint8Array, wantsHoles: boolean, region: Region): void {
    const { left, top, right, bottom } = region;
    let next = 1;
    area[0] = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const i = y * width + x;
        const is = mask[i]!;
        if (is === 0 && !wantsHoles) {
          label[i] = 0;
          continue;
        }
        const before = x > left && mask[i - 1] === is ? label[i - 1]! : 0;
        const above = y > top && mask[i - width] === is ? label[i - width]! : 0;
        if (before === 0 && above === 0) {
          parent[next] = next;
          area[next] = 0;
          open[next] = 0;
          label[i] = next++;
        } else if (before === 0 || above === 0 || before === above) {
          label[i] = before === 0 ? above : before;
        } else {
          const a = find(before);
          const b = find(above);
          parent[Math.max(a, b)] = Math.min(a, b);
          label[i] = Math.min(a, b);
        }
      }
    }
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const i = y * width + x;
        if (label[i] === 0) continue;
        const root = find(label[i]!);
        label[i] = root;
        area[root] = area[root]! + 1;
        if (x === left || y === top || x === right - 1 || y === bottom - 1) open[root] = 1;
      }
    }
  }

  return (mask, { islandShare, holePixels }, region = whole) => {
    const { left, top, right, bottom } = region;
    findComponents(mask, holePixels > 0, region);
    let largest = 0;
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        if (mask[i] === 1 && area[label[i]!]! > largest) largest = area[label[i]!]!;
      }
    }
    const smallestIsland = largest * islandShare;
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        const size = area[label[i]!]!;
        if (mask[i] === 1) mask[i] = size >= smallestIsland ? 1 : 0;
        else if (holePixels > 0 && open[label[i]!] === 0 && size <= holePixels) mask[i] = 1;
      }
    }
  };
}

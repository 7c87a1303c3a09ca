/**
 * Removes islands and fills holes of a mask in place.
 *
 * @param mask 0 or 1
 * @param rules `islandShare`: islands smaller than this share of the largest go; `holePixels`:
 *   enclosed holes of up to this many pixels are filled
 */
export type TidyMask = (
  mask: Uint8Array,
  rules: { readonly islandShare: number; readonly holePixels: number },
) => void;

/** A mask tidier with its own scratch memory. Components are 4-connected. */
export function createTidyMask(width: number, height: number): TidyMask {
  const label = new Int32Array(width * height);
  const parent = new Int32Array(width * height + 1);
  const area = new Int32Array(width * height + 1);
  const open = new Uint8Array(width * height + 1);

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

  /** Gives every pixel of `mask` a label below the number returned, the same within a component. */
  function findComponents(mask: Uint8Array): number {
    let next = 1;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const is = mask[i]!;
        const left = x > 0 && mask[i - 1] === is ? label[i - 1]! : 0;
        const up = y > 0 && mask[i - width] === is ? label[i - width]! : 0;
        if (left === 0 && up === 0) {
          parent[next] = next;
          area[next] = 0;
          open[next] = 0;
          label[i] = next++;
        } else if (left === 0 || up === 0 || left === up) {
          label[i] = left === 0 ? up : left;
        } else {
          const a = find(left);
          const b = find(up);
          parent[Math.max(a, b)] = Math.min(a, b);
          label[i] = Math.min(a, b);
        }
      }
    }
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const root = find(label[i]!);
        label[i] = root;
        area[root] = area[root]! + 1;
        if (x === 0 || y === 0 || x === width - 1 || y === height - 1) open[root] = 1;
      }
    }
    return next;
  }

  return (mask, { islandShare, holePixels }) => {
    findComponents(mask);
    let largest = 0;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 1) largest = Math.max(largest, area[label[i]!]!);
    }
    const smallestIsland = largest * islandShare;
    for (let i = 0; i < mask.length; i++) {
      const size = area[label[i]!]!;
      if (mask[i] === 1) mask[i] = size >= smallestIsland ? 1 : 0;
      else if (open[label[i]!] === 0 && size <= holePixels) mask[i] = 1;
    }
  };
}

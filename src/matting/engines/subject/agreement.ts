/** How much two sets of outlines have in common: intersection over union, over all of them. */
export function agreement(some: readonly Uint8Array[], others: readonly Uint8Array[]): number {
  let both = 0;
  let either = 0;
  for (const [n, mask] of some.entries()) {
    const other = others[n]!;
    for (let i = 0; i < mask.length; i++) {
      both += mask[i]! & other[i]!;
      either += mask[i]! | other[i]!;
    }
  }
  return either === 0 ? 0 : both / either;
}

/** The median of the first `count` values; sorts them in place. Zero for no values. */
export function medianOf(values: Uint8Array, count: number): number {
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
  return count === 0 ? 0 : values[count >> 1]!;
}

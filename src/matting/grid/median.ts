/** The median of the first `count` values, whose order it changes. Zero for no values. */
export function medianOf(values: Uint8Array, count: number): number {
  const middle = count >> 1;
  let low = 0;
  let high = count - 1;
  // Hoare's selection: only the side that holds the middle is looked at again.
  while (low < high) {
    const pivot = values[middle]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (j < middle) low = i;
    if (i > middle) high = j;
  }
  return count === 0 ? 0 : values[middle]!;
}

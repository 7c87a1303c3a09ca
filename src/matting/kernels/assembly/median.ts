/**
 * Writes the median over several lines at each place, of the values that count: of an even number of
 * them the upper middle one. Where none counts it is 255.
 *
 * @param lines their addresses
 * @param counts addresses of as many lines: all bits of a byte are set where the value counts, none
 *   where it does not
 * @param share how many values in a row each of those is for: 1 or 2
 * @param room 16 bytes for each line
 */
export function medians(
  lines: usize,
  counts: usize,
  share: i32,
  count: i32,
  width: i32,
  out: usize,
  room: usize,
): void {
  for (let x = 0; x < width; x += 16) {
    let known = i8x16.splat(0);
    for (let n = 0; n < count; n++) {
      const does = maskAt(load<usize>(counts + 4 * n), share, x);
      known = i8x16.sub(known, does);
      // What does not count comes last.
      v128.store(room + 16 * n, v128.or(v128.load(load<usize>(lines + 4 * n) + x), v128.not(does)));
    }
    for (let round = 0; round < count; round++) {
      for (let n = round & 1; n + 1 < count; n += 2) {
        const at = room + 16 * n;
        const a = v128.load(at);
        const b = v128.load(at, 16);
        v128.store(at, i8x16.min_u(a, b));
        v128.store(at, i8x16.max_u(a, b), 16);
      }
    }
    const middle = i8x16.shr_u(known, 1);
    let median = i8x16.splat(0);
    for (let n = 0; n < count; n++) {
      const isMiddle = i8x16.eq(middle, i8x16.splat(<i8>n));
      median = v128.or(median, v128.and(v128.load(room + 16 * n), isMiddle));
    }
    v128.store(out + x, median);
  }
}

function maskAt(counts: usize, share: i32, x: i32): v128 {
  if (share === 1) return v128.load(counts + x);
  const eight = v128.load64_zero(counts + (x >> 1));
  return v128.shuffle<i8>(eight, eight, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
}

import { Region } from './shapes';

/** Rows of sums over squares of side `2 radius + 1`, edges of the region repeated. */

let source: usize = 0;
let stride: i32 = 0;
let span: i32 = 0;
let last: i32 = 0;
let first: i32 = 0;
let radius: i32 = 0;
/** Sums over the rows of a square for each column, 16 bits, with `radius` repeated on both sides. */
let columns: usize = 0;
/** Sums of all columns before each one. */
let before: usize = 0;

/**
 * Makes ready to sum up the rows of a region, from its top.
 *
 * @param side of the squares is `2 side + 1`, `side` at most 128: a column's sum has 16 bits
 * @param room 6 bytes for each of `span + 2 side + 40` columns
 */
export function beginBox(plane: usize, width: i32, region: Region, side: i32, room: usize): void {
  const top = region.top;
  source = plane + region.left;
  stride = width;
  span = region.right - region.left;
  first = top;
  last = region.bottom - 1;
  radius = side;
  before = room;
  columns = room + 4 * (span + 2 * side + 20);
  const inside = columns + 2 * side;
  for (let x = 0; x < span; x += 8) v128.store(inside + 2 * x, i16x8.splat(0));
  // As if the row above the top came before: the first step takes it out again.
  for (let y = top - 1 - side; y < top + side; y++) moveColumns(inside, rowAt(y), 0);
}

/** Writes the sums of a row, 32 bits each and up to 3 more; rows come one after the other. */
export function boxRow(y: i32, out: usize): void {
  const inside = columns + 2 * radius;
  moveColumns(inside, rowAt(y + radius), rowAt(y - 1 - radius));
  const leftmost = load<u16>(inside);
  const rightmost = load<u16>(inside + 2 * (span - 1));
  for (let n = 0; n < radius; n++) {
    store<u16>(columns + 2 * n, leftmost);
    store<u16>(inside + 2 * (span + n), rightmost);
  }
  const zero = i32x4.splat(0);
  let sum = zero;
  store<i32>(before, 0);
  for (let n = 0; n < span + 2 * radius; n += 4) {
    let four = v128.load16x4_u(columns + 2 * n);
    four = i32x4.add(four, v128.shuffle<i32>(zero, four, 0, 4, 5, 6));
    four = i32x4.add(four, v128.shuffle<i32>(zero, four, 0, 1, 4, 5));
    sum = i32x4.add(four, sum);
    v128.store(before + 4 * n, sum, 4);
    sum = v128.shuffle<i32>(sum, sum, 3, 3, 3, 3);
  }
  const ahead = before + 4 * (2 * radius + 1);
  for (let x = 0; x < span; x += 4) {
    v128.store(out + 4 * x, i32x4.sub(v128.load(ahead + 4 * x), v128.load(before + 4 * x)));
  }
}

function rowAt(y: i32): usize {
  return source + stride * max(first, min(last, y));
}

/** Moves the squares down by a row; `leaves` is 0 where none does. */
function moveColumns(inside: usize, enters: usize, leaves: usize): void {
  for (let x = 0; x < span; x += 8) {
    let sum = i16x8.add(v128.load(inside + 2 * x), v128.load8x8_u(enters + x));
    if (leaves !== 0) sum = i16x8.sub(sum, v128.load8x8_u(leaves + x));
    v128.store(inside + 2 * x, sum);
  }
}

/**
 * A number from 0 up to 1 that depends on nothing but its arguments, so that the same seed replays
 * the same run whatever else happens in between.
 */
export function seededRandom(...seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = scramble(state ^ scramble(seed | 0));
  return scramble(state) / 2 ** 32;
}

/** The finalizer of MurmurHash3: each bit of the input changes half of the output's. */
function scramble(value: number): number {
  let mixed = value + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

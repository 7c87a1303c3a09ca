import type { Planes } from '../../grid/contrastLinks.ts';

const Y_BINS = 16;
const C_BINS = 32;
const SIZE = Y_BINS * C_BINS * C_BINS;
/** A colour never seen counts as this share of all pixels spread over all bins. */
const SURPRISE = 0.02;

/** How common each colour is among the pixels shown to it, in 16×32×32 bins. */
export interface ColorModel {
  /** Shows a pixel with a weight. */
  add(y: number, u: number, v: number, weight: number): void;
  /** Natural logarithm of how common each bin is, smoothed over neighbouring bins. */
  logarithms(): Float32Array;
}

/** The bin of a colour, for `logarithms`. */
export function colorBin({ y, u, v }: Planes, i: number): number {
  return ((y[i]! >> 4) * C_BINS + (u[i]! >> 3)) * C_BINS + (v[i]! >> 3);
}

export function createColorModel(): ColorModel {
  const counts = new Float32Array(SIZE);
  let total = 0;
  return {
    add(y, u, v, weight) {
      const bin = ((y >> 4) * C_BINS + (u >> 3)) * C_BINS + (v >> 3);
      counts[bin] = counts[bin]! + weight;
      total += weight;
    },
    logarithms() {
      let smooth: Float32Array = counts;
      for (const [bins, stride] of [
        [C_BINS, 1],
        [C_BINS, C_BINS],
        [Y_BINS, C_BINS * C_BINS],
      ] as const) {
        smooth = blur(smooth, bins, stride);
      }
      const floor = (SURPRISE * Math.max(1, total)) / SIZE;
      return smooth.map((count) =>
        Math.log((count + floor) / ((1 + SURPRISE) * Math.max(1, total))),
      );
    },
  };
}

/** Spreads each bin as 1:2:1 along one axis of the histogram. */
function blur(values: Float32Array, bins: number, stride: number): Float32Array {
  return values.map((value, i) => {
    const at = Math.floor(i / stride) % bins;
    const before = at > 0 ? values[i - stride]! : value;
    const after = at < bins - 1 ? values[i + stride]! : value;
    return (before + 2 * value + after) / 4;
  });
}

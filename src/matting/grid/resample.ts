/** For each place of a row of samples, which of another row it is made of; weights add up to 1. */
export interface Taps {
  /** First sample of each place; may lie beyond either end. */
  readonly first: Int32Array;
  /** How many samples each place takes. */
  readonly count: number;
  /** `count` weights for each place. */
  readonly weights: Float32Array;
}

/**
 * Bilinear when enlarging, a mean over what is covered when shrinking.
 *
 * @param length of the new row
 * @param start where the old row begins in the new one, in new samples
 * @param scale new samples for each old one
 */
export function makeTaps(length: number, start: number, scale: number): Taps {
  const reach = Math.max(1, 1 / scale);
  const count = Math.ceil(2 * reach) + 1;
  const first = new Int32Array(length);
  const weights = new Float32Array(length * count);
  for (let i = 0; i < length; i++) {
    const centre = (i + 0.5 - start) / scale - 0.5;
    first[i] = Math.ceil(centre - reach);
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const weight = Math.max(0, 1 - Math.abs(first[i]! + n - centre) / reach);
      weights[i * count + n] = weight;
      sum += weight;
    }
    for (let n = 0; n < count; n++) weights[i * count + n]! /= sum;
  }
  return { first, count, weights };
}

/**
 * Resamples a plane, first across, then down; what lies beyond its edges counts as 0, or as the
 * edge itself with `edge` set to `repeated`.
 */
export function resample(
  plane: Float32Array,
  width: number,
  height: number,
  across: Taps,
  down: Taps,
  edge: 'empty' | 'repeated' = 'empty',
): Float32Array {
  const isRepeated = edge === 'repeated';
  const newWidth = across.first.length;
  const newHeight = down.first.length;
  const wide = new Float32Array(newWidth * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < newWidth; column++) {
      let sum = 0;
      for (let n = 0, from = across.first[column]!; n < across.count; n++, from++) {
        const x = isRepeated ? Math.max(0, Math.min(width - 1, from)) : from;
        if (x < 0 || x >= width) continue;
        sum += across.weights[column * across.count + n]! * plane[row * width + x]!;
      }
      wide[row * newWidth + column] = sum;
    }
  }
  const out = new Float32Array(newWidth * newHeight);
  for (let row = 0; row < newHeight; row++) {
    for (let n = 0, above = down.first[row]!; n < down.count; n++, above++) {
      const weight = down.weights[row * down.count + n]!;
      const y = isRepeated ? Math.max(0, Math.min(height - 1, above)) : above;
      if (weight === 0 || y < 0 || y >= height) continue;
      const from = y * newWidth;
      const to = row * newWidth;
      for (let column = 0; column < newWidth; column++) {
        out[to + column] = out[to + column]! + weight * wide[from + column]!;
      }
    }
  }
  return out;
}

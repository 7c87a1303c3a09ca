/** How far a matte is from the truth, by the metrics of RVM (Lin et al., 2021); lower is better but for `iou`. */
export interface AlphaError {
  /** Mean absolute difference, ×1000. */
  readonly mad: number;
  /** Mean squared difference, ×1000. */
  readonly mse: number;
  /** Squared difference of the gradients (σ 1.4), summed over a picture, /1000. */
  readonly grad: number;
  /** Root of the mean squared difference of the changes from picture to picture, ×100. */
  readonly dtSsd: number;
  /** Intersection over union at half opacity, over all pictures at once. */
  readonly iou: number;
}

/** Compares two stacks of 8-bit planes, frame after frame, of equal length. */
export function alphaError(
  found: Uint8Array,
  truth: Uint8Array,
  width: number,
  height: number,
): AlphaError {
  const size = width * height;
  const frames = truth.length / size;
  if (found.length !== truth.length) {
    throw new Error(`${found.length / size} pictures instead of ${frames}`);
  }
  const gradientOfFound = gradientMagnitude(width, height);
  const gradientOfTruth = gradientMagnitude(width, height);
  let absolute = 0;
  let squares = 0;
  let gradient = 0;
  let change = 0;
  let both = 0;
  let either = 0;
  for (let n = 0; n < frames; n++) {
    const start = n * size;
    let changeSquares = 0;
    for (let i = start; i < start + size; i++) {
      const difference = (found[i]! - truth[i]!) / 255;
      absolute += Math.abs(difference);
      squares += difference ** 2;
      if (n > 0) {
        changeSquares += (difference - (found[i - size]! - truth[i - size]!) / 255) ** 2;
      }
      const a = found[i]! >= 128;
      const b = truth[i]! >= 128;
      if (a && b) both++;
      if (a || b) either++;
    }
    change += Math.sqrt(changeSquares / size);
    const a = gradientOfFound(found.subarray(start, start + size));
    const b = gradientOfTruth(truth.subarray(start, start + size));
    for (let i = 0; i < size; i++) gradient += (a[i]! - b[i]!) ** 2;
  }
  return {
    mad: (1000 * absolute) / truth.length,
    mse: (1000 * squares) / truth.length,
    grad: gradient / frames / 1000,
    dtSsd: (100 * change) / Math.max(1, frames - 1),
    iou: both / either,
  };
}

const SIGMA = 1.4;
const REACH = 4;

/** Derivative of a Gaussian, of unit energy in two dimensions as in RVM's evaluation. */
function gradientMagnitude(width: number, height: number): (plane: Uint8Array) => Float32Array {
  const at = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  const smooth = at.map((x) => Math.exp(-(x ** 2) / (2 * SIGMA ** 2)));
  const slope = at.map((x, i) => -x * smooth[i]!);
  const energy = Math.hypot(...smooth) * Math.hypot(...slope);
  const across = new Float32Array(width * height);
  const down = new Float32Array(width * height);
  const rowsSmooth = new Float32Array(width * height);
  const rowsSlope = new Float32Array(width * height);
  return (plane) => {
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        let a = 0;
        let b = 0;
        for (let k = -REACH; k <= REACH; k++) {
          const value = plane[y * width + Math.max(0, Math.min(width - 1, x + k))]! / 255;
          a += smooth[k + REACH]! * value;
          b += slope[k + REACH]! * value;
        }
        rowsSmooth[i] = a;
        rowsSlope[i] = b;
      }
    }
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        let a = 0;
        let b = 0;
        for (let k = -REACH; k <= REACH; k++) {
          const j = Math.max(0, Math.min(height - 1, y + k)) * width + x;
          a += smooth[k + REACH]! * rowsSlope[j]!;
          b += slope[k + REACH]! * rowsSmooth[j]!;
        }
        across[i] = a / energy;
        down[i] = b / energy;
      }
    }
    return across.map((a, i) => Math.hypot(a, down[i]!));
  };
}

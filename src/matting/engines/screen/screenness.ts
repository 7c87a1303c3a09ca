import type { Frame } from '../../grid/frame.ts';
import { isKeyLike, type KeyColour } from './keyColour.ts';

/** Chroma of a pixel is weaker in shadow: so many times it is lifted at most. */
const MOST_LIFT = 1.7;

/**
 * How much a pixel at place `i` looks like the screen behind it: about 1 for the screen, 0 for grey
 * and for other hues, below 0 for the opposite hue.
 */
export type Screenness = (i: number, y: number, u: number, v: number) => number;

export function createScreenness(
  plateY: Uint8Array,
  plateU: Uint8Array,
  plateV: Uint8Array,
): Screenness {
  /** The screen's hue at each place, over its squared length: a dot product is then a share. */
  const hueU = new Float32Array(plateU.length);
  const hueV = new Float32Array(plateU.length);
  for (let i = 0; i < plateU.length; i++) {
    const du = plateU[i]! - 128;
    const dv = plateV[i]! - 128;
    const square = du * du + dv * dv;
    if (square === 0) continue;
    hueU[i] = du / square;
    hueV[i] = dv / square;
  }
  const inverse = Float32Array.from({ length: 256 }, (_, y) => 1 / (y < 20 ? 8 : y - 12));

  return (i, y, u, v) => {
    const ratio = (plateY[i]! - 12) * inverse[y]!;
    const lift = ratio < 1 ? 1 : ratio > MOST_LIFT ? MOST_LIFT : ratio;
    const du = lift * (u - 128);
    const dv = lift * (v - 128);
    const along = du * hueU[i]! + dv * hueV[i]!;
    const beside = Math.abs(du * hueV[i]! - dv * hueU[i]!);
    return along - 1.2 * (beside > 0.12 ? beside - 0.12 : 0);
  };
}

/** Where the ramp from subject to screen lies, in units of `Screenness`. */
export interface ScreenRamp {
  /** At and below: certainly subject. */
  readonly low: number;
  /** At and above: certainly screen. */
  readonly high: number;
}

const STEP = 0.005;
const FROM = -1;
const BINS = 700;

/** Measures the ramp on sample frames: below the noise of the screen, above the subject's colours. */
export function measureRamp(frames: readonly Frame[], plate: Frame, key: KeyColour): ScreenRamp {
  const screen = new Float64Array(BINS);
  const rest = new Float64Array(BINS);
  const measure = createScreenness(plate.y, plate.u, plate.v);
  for (const { y, u, v } of frames) {
    for (let i = 0; i < y.length; i++) {
      const s = measure(i, y[i]!, u[i]!, v[i]!);
      const bin = Math.max(0, Math.min(BINS - 1, Math.round((s - FROM) / STEP)));
      const histogram = isKeyLike(u[i]! - 128, v[i]! - 128, key.u, key.v) ? screen : rest;
      histogram[bin] = histogram[bin]! + 1;
    }
  }
  const middle = percentile(screen, 0.5);
  const sigma = (middle - percentile(screen, 0.05)) / 1.65;
  return {
    low: Math.min(0.4, Math.max(0.05, percentile(rest, 0.9))),
    high: Math.min(0.95, middle - Math.max(0.06, 2.2 * sigma)),
  };
}

function percentile(histogram: Float64Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  let bin = 0;
  while (bin < BINS - 1 && (sum += histogram[bin]!) < share * total) bin++;
  return FROM + bin * STEP;
}

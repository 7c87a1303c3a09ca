import type { Frame } from '../../grid/frame.ts';
import { isKeyLike, type KeyColour } from './keyColour.ts';

/**
 * How much a pixel looks like the screen behind it: about 1 for the screen, 0 for grey and for
 * other hues, below 0 for the opposite hue. Chroma is scaled up in shadow, where it weakens.
 */
export function screenness(
  y: number,
  u: number,
  v: number,
  plateY: number,
  plateU: number,
  plateV: number,
): number {
  const du = plateU - 128;
  const dv = plateV - 128;
  const square = du * du + dv * dv;
  if (square === 0) return 0;
  const ratio = (plateY - 12) / (y < 20 ? 8 : y - 12);
  const lift = ratio < 1 ? 1 : ratio > 1.7 ? 1.7 : ratio;
  const along = (lift * ((u - 128) * du + (v - 128) * dv)) / square;
  const beside = (lift * Math.abs((u - 128) * dv - (v - 128) * du)) / square;
  return along - 1.2 * (beside > 0.12 ? beside - 0.12 : 0);
}

/** Where the ramp from subject to screen lies, in units of `screenness`. */
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
  for (const { y, u, v } of frames) {
    for (let i = 0; i < y.length; i++) {
      const s = screenness(y[i]!, u[i]!, v[i]!, plate.y[i]!, plate.u[i]!, plate.v[i]!);
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

import type { Planes } from '../../grid/contrastLinks.ts';
import type { Frame } from '../../grid/frame.ts';
import { clearRoom, kernels, put, putPicture, room, take } from '../../kernels/kernels.ts';
import { isKeyLike, type KeyColour } from './keyColour.ts';

/**
 * How much each pixel looks like the screen behind it: about 1 for the screen, 0 for grey and for
 * other hues, below 0 for the opposite hue. Chroma of a pixel is weaker in shadow, and so it is
 * lifted by as much as the pixel is darker than the screen.
 */
export function screenness(picture: Planes, screen: Planes): Float32Array {
  clearRoom();
  const found = new Float32Array(screen.y.length);
  const planes = ({ y, u, v }: Planes): number => putPicture([put(y), put(u), put(v)]);
  const to = room(found.byteLength);
  kernels.screenness(planes(picture), planes(screen), found.length, to);
  take(to, found);
  return found;
}

/** Where the ramp from subject to screen lies: 0 is like grey, 1 like the screen. */
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
  for (const frame of frames) {
    const { u, v } = frame;
    for (const [i, s] of screenness(frame, plate).entries()) {
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

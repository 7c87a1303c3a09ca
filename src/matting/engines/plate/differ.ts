import type { Planes } from '../../grid/contrastLinks.ts';
import { isEmpty, type Region, wholeGrid } from '../../grid/region.ts';
import {
  clearRoom,
  kernels,
  putPicture,
  putRegion,
  putRows,
  room,
  takeRows,
} from '../../kernels/kernels.ts';

/**
 * How far each pixel is from the plate: squared difference in units of the noise that is to be
 * expected there, in eighths, at most 255; overwritten by the next call.
 *
 * @param region outside of which nothing is written
 */
export type Differ = (picture: Planes, region?: Region) => Uint8Array;

/** Differences are kept in eighths, so that a byte reaches past the end of any ramp. */
export const EIGHTHS = 8;
/** Cautious: what moves decides how a clip is treated. */
const EDGE_TOLERANCE = 0.25;
/** Steadier pixels tell how much brighter the whole picture is than the plate. */
const STEADY = 8;
/** Every so many pixels are enough to tell. */
const EXPOSURE_STEP = 5;

/**
 * Compares pictures with a plate. Near edges of the plate more difference is allowed, since a
 * hair's breadth of misalignment shows there first; a darker place of unchanged hue is a shadow.
 *
 * @param edgeTolerance levels more for each level of the plate's slope
 */
export function createDiffer(
  plate: Planes,
  width: number,
  height: number,
  edgeTolerance = EDGE_TOLERANCE,
): Differ {
  const size = width * height;
  const averaged = new Uint8Array(size);
  const lumaScale = new Float32Array(size);
  const chromaScale = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const gradient = gradientAt(plate.y, i, width, height);
    lumaScale[i] = 1 / (3 + edgeTolerance * gradient);
    chromaScale[i] = 1 / (2.2 + 0.06 * gradient);
  }

  const whole = wholeGrid(width, height);

  return (picture, region = whole) => {
    if (isEmpty(region)) return averaged;
    clearRoom();
    const rows = { ...region, stride: width };
    const planes = ({ y, u, v }: Planes): number =>
      putPicture([y, u, v].map((plane) => putRows(plane, rows)));
    const to = room(size);
    kernels.differ(
      planes(picture),
      planes(plate),
      putRows(lumaScale, rows),
      putRows(chromaScale, rows),
      exposureOffset(picture.y, plate.y),
      width,
      height,
      putRegion(region),
      to,
      room(size + 10 * width + 1000),
    );
    takeRows(to, averaged, rows);
    return averaged;
  };
}

function gradientAt(y: Uint8Array, i: number, width: number, height: number): number {
  const x = i % width;
  const left = x > 0 ? i - 1 : i;
  const right = x < width - 1 ? i + 1 : i;
  const up = i >= width ? i - width : i;
  const down = i < width * (height - 1) ? i + width : i;
  return Math.hypot(y[right]! - y[left]!, y[down]! - y[up]!) / 2;
}

function exposureOffset(y: Uint8Array, plateY: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < y.length; i += EXPOSURE_STEP) {
    const dy = y[i]! - plateY[i]!;
    if (dy > STEADY || dy < -STEADY) continue;
    sum += dy;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

import { createBoxSum } from '../../grid/box.ts';
import { type Region, wholeGrid } from '../../grid/region.ts';
import type { Planes } from '../../grid/contrastLinks.ts';

/**
 * How far each pixel is from the plate: squared difference in units of the noise that is to be
 * expected there, in eighths, at most 255; overwritten by the next call.
 *
 * @param region outside of which nothing is written
 */
export type Differ = (picture: Planes, region?: Region) => Uint8Array;

/** Differences are kept in eighths, so that a byte reaches past the end of any ramp. */
export const EIGHTHS = 8;
/** The darkest shadow, as a share of the light, and how much a difference in light counts there. */
const DARKEST_SHADOW = 0.72;
const SHADOW_WEIGHT = 0.2;
/** Chroma this close to faded colours, in squared units of noise, makes a shadow. */
const SHADOW_CHROMA = 8;
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
  const boxSum = createBoxSum(width, height);
  const difference = new Uint8Array(size);
  const averaged = new Uint8Array(size);
  const lumaScale = new Float32Array(size);
  const chromaScale = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const gradient = gradientAt(plate.y, i, width, height);
    lumaScale[i] = 1 / (3 + edgeTolerance * gradient);
    chromaScale[i] = 1 / (2.2 + 0.06 * gradient);
  }

  const whole = wholeGrid(width, height);
  const { y: plateY, u: plateU, v: plateV } = plate;

  return ({ y, u, v }, region = whole) => {
    const { left, top, right, bottom } = region;
    const exposure = exposureOffset(y, plateY);
    for (let row = top; row < bottom; row++) {
      for (let i = row * width + left; i < row * width + right; i++) {
        const dy = y[i]! - plateY[i]! - exposure;
        const du = u[i]! - plateU[i]!;
        const dv = v[i]! - plateV[i]!;
        const tone = chromaScale[i]!;
        let chroma = (du * du + dv * dv) * tone * tone;
        let a = dy * lumaScale[i]!;
        const light = dy < 0 ? 1 + dy / (plateY[i]! - 16) : 1;
        if (light < 1 && light > DARKEST_SHADOW) {
          // In shadow colours fade with the light.
          const su = du + (1 - light) * (plateU[i]! - 128);
          const sv = dv + (1 - light) * (plateV[i]! - 128);
          const faded = (su * su + sv * sv) * tone * tone;
          if (faded < SHADOW_CHROMA) {
            a *= SHADOW_WEIGHT;
            if (faded < chroma) chroma = faded;
          }
        }
        const z = EIGHTHS * (a * a + chroma);
        difference[i] = z > 255 ? 255 : z;
      }
    }
    const sums = boxSum(difference, 1, region);
    for (let row = top; row < bottom; row++) {
      for (let i = row * width + left; i < row * width + right; i++) {
        averaged[i] = sums[i]! / 9 + 0.5;
      }
    }
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

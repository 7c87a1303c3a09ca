import { createBoxSum } from '../../grid/box.ts';
import type { Motion } from '../plate/motion.ts';

/** Evidence in nats: at the middle and in the corners of the picture; in and out of the hull. */
const MIDDLE = 1.5;
const CORNER = -2.5;
const IN_HULL = 0.8;
const OFF_HULL = -1.5;
/** What differs now moved here; what moved before and is as it was may be the background. */
const DIFFERS = 1;
const AS_IT_WAS = -1;
/** The hull's edge is this soft, in pixels. */
const SOFTNESS = 3;

/**
 * Evidence for the subject from place and from the hull of all motion. People put what they film
 * into the middle, and head and shoulders are broader towards the lower edge.
 *
 * @param breadth 1 for the usual breadth of a person in the picture; more is broader
 */
export function standingHint({ plate }: Motion, hull: Uint8Array, breadth: number): Float32Array {
  const { width, height } = plate;
  const centre = centreOf(hull, width);
  const unit = Math.min(height, 0.8 * width) * breadth;
  const inside = createBoxSum(width, height)(hull, SOFTNESS);
  const hint = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const down = y / height;
    const halfWidth = unit * (0.2 + 0.24 * down);
    const fromTop = down < 0.15 ? 3 * (1 - down / 0.15) : 0;
    for (let x = 0; x < width; x++, i++) {
      const beside = (x + 0.5 - centre) / halfWidth;
      const place = Math.max(CORNER, MIDDLE * (1 - beside * beside) - fromTop);
      const depth = inside[i]! / (2 * SOFTNESS + 1) ** 2;
      hint[i] = place + OFF_HULL + (IN_HULL - OFF_HULL) * depth;
    }
  }
  return hint;
}

/** Adds what a picture's own motion says; `mask` is 1 where it differs from the plate. */
export function withMotion(
  standing: Float32Array,
  { moved }: Pick<Motion, 'moved'>,
  mask: Uint8Array,
): Float32Array {
  return standing.map((hint, i) => {
    if (mask[i] === 1) return hint + DIFFERS;
    return moved[i] === 1 ? hint + AS_IT_WAS : hint;
  });
}

function centreOf(hull: Uint8Array, width: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < hull.length; i++) {
    sum += hull[i]! * (i % width);
    count += hull[i]!;
  }
  return count === 0 ? width / 2 : sum / count;
}

import { type Region, wholeGrid } from './region.ts';

/** Three planes of equal size, 8-bit YUV. */
export interface Planes {
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/**
 * Links between neighbours for `MinCut`; the planes are overwritten by the next call.
 *
 * @param region outside of which nothing is written
 */
export type ContrastLinks = (picture: Planes, region?: Region) => readonly Float32Array[];

/** Directions as in `MinCut`, and how much a link is worth at that distance. */
const NEIGHBOURS = [
  [1, 0, 1],
  [-1, 1, Math.SQRT1_2],
  [0, 1, 1],
  [1, 1, Math.SQRT1_2],
] as const;

/** Share of a link that stays across the strongest edge, so that outlines stay short. */
const FLOOR = 0.04;
/** Steps of the plate above this weaken the picture's steps at the same place. */
const PLATE_NOISE = 5;

/**
 * Makes links weak where the picture has an edge, so that outlines run there. Edges that the plate
 * has too are the background's own and are evened out ("Background Cut", Sun et al., ECCV 2006).
 *
 * @param strength cost of a cut through an even area
 */
export function createContrastLinks(
  width: number,
  height: number,
  strength: number,
  plate?: Planes,
): ContrastLinks {
  const size = width * height;
  const whole = wholeGrid(width, height);
  const links = NEIGHBOURS.map(() => new Float32Array(size));
  const squares = NEIGHBOURS.map(() => new Float32Array(size));
  const damping = NEIGHBOURS.map(([dx, dy]) => {
    const plane = new Float32Array(size).fill(1);
    if (plate === undefined) return plane;
    squareSteps(plate, width, whole, dx, dy, plane);
    return plane.map((square) => 1 / (1 + square / PLATE_NOISE ** 2));
  });

  return (picture, region = whole) => {
    const { left, top, right, bottom } = region;
    let sum = 0;
    for (const [d, [dx, dy]] of NEIGHBOURS.entries()) {
      sum += squareSteps(picture, width, region, dx, dy, squares[d]!, damping[d]);
    }
    const typical = Math.max(8, sum / (4 * (right - left) * (bottom - top)));
    const scale = FALL_STEPS / (2 * typical);
    for (const [d, [, , worth]] of NEIGHBOURS.entries()) {
      const plane = squares[d]!;
      const out = links[d]!;
      const most = strength * worth;
      for (let row = top; row < bottom; row++) {
        for (let i = row * width + left; i < row * width + right; i++) {
          const step = plane[i]! * scale;
          const fall = step < FALL.length ? FALL[step | 0]! : 0;
          out[i] = most * (FLOOR + (1 - FLOOR) * fall);
        }
      }
    }
    return links;
  };
}

/** `exp(-x)` in so many steps to each 1; links are rounded to whole costs anyway. */
const FALL_STEPS = 128;
const FALL = Float32Array.from({ length: 10 * FALL_STEPS }, (_, n) =>
  Math.exp(-(n + 0.5) / FALL_STEPS),
);

/**
 * Writes the squared colour distance of each pixel to its neighbour, both within the region.
 *
 * @returns the sum of all
 */
function squareSteps(
  { y, u, v }: Planes,
  width: number,
  { left, top, right, bottom }: Region,
  dx: number,
  dy: number,
  out: Float32Array,
  damping?: Float32Array,
): number {
  const offset = dy * width + dx;
  let sum = 0;
  for (let row = top; row < bottom - dy; row++) {
    const end = row * width + (dx > 0 ? right - 1 : right);
    for (let i = row * width + (dx < 0 ? left + 1 : left); i < end; i++) {
      const stepY = y[i]! - y[i + offset]!;
      const stepU = u[i]! - u[i + offset]!;
      const stepV = v[i]! - v[i + offset]!;
      let square = stepY * stepY + 2 * (stepU * stepU + stepV * stepV);
      if (damping !== undefined) square *= damping[i]!;
      out[i] = square;
      sum += square;
    }
  }
  return sum;
}

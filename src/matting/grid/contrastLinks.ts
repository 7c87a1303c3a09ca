import {
  clearRoom,
  kernels,
  put,
  putPicture,
  putRegion,
  putRows,
  room,
  take,
  takeRows,
} from '../kernels/kernels.ts';
import { isEmpty, type Region, wholeGrid } from './region.ts';

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
  const damping = plate && dampingOf(plate, width, height);

  return (picture, region = whole) => {
    if (isEmpty(region)) return links;
    const { left, top, right, bottom } = region;
    const rows = { top, bottom, stride: width };
    clearRoom();
    const planes = [picture.y, picture.u, picture.v].map((plane) => putRows(plane, rows));
    const [at, within] = [putPicture(planes), putRegion(region)];
    const squares = links.map(() => room(4 * size));
    let sum = 0;
    for (const [d, [dx, dy]] of NEIGHBOURS.entries()) {
      const damp = damping === undefined ? 0 : putRows(damping[d]!, rows);
      sum += kernels.squareSteps(at, width, within, dx, dy, damp, squares[d]!);
    }
    const typical = Math.max(8, sum / (4 * (right - left) * (bottom - top)));
    for (const [d, [, , worth]] of NEIGHBOURS.entries()) {
      const first = squares[d]! + 4 * top * width;
      const count = (bottom - top) * width;
      kernels.weaken(first, count, 1 / (2 * typical), strength * worth, FLOOR);
      takeRows(squares[d]!, links[d]!, rows);
    }
    return links;
  };
}

/** What the squared steps of pictures count for, by those of the plate. */
function dampingOf({ y, u, v }: Planes, width: number, height: number): readonly Float32Array[] {
  return NEIGHBOURS.map(([dx, dy]) => {
    const squares = new Float32Array(width * height);
    clearRoom();
    const to = room(squares.byteLength);
    const within = putRegion(wholeGrid(width, height));
    kernels.squareSteps(putPicture([y, u, v].map(put)), width, within, dx, dy, 0, to);
    take(to, squares);
    return squares.map((square) => 1 / (1 + square / PLATE_NOISE ** 2));
  });
}

/** Three planes of equal size, 8-bit YUV. */
export interface Planes {
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** Links between neighbours for `MinCut`; the planes are overwritten by the next call. */
export type ContrastLinks = (picture: Planes) => readonly Float32Array[];

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
  const links = NEIGHBOURS.map(() => new Float32Array(size));
  const squares = NEIGHBOURS.map(() => new Float32Array(size));
  const damping = NEIGHBOURS.map(([dx, dy]) => {
    const plane = new Float32Array(size).fill(1);
    if (plate === undefined) return plane;
    eachPair(width, height, dx, dy, (i, j) => {
      plane[i] = 1 / (1 + squareDistance(plate, i, j) / PLATE_NOISE ** 2);
    });
    return plane;
  });

  return (picture) => {
    let sum = 0;
    for (const [d, [dx, dy]] of NEIGHBOURS.entries()) {
      const plane = squares[d]!;
      const damp = damping[d]!;
      eachPair(width, height, dx, dy, (i, j) => {
        const square = squareDistance(picture, i, j) * damp[i]!;
        plane[i] = square;
        sum += square;
      });
    }
    const typical = Math.max(8, sum / (4 * size));
    for (const [d, [, , worth]] of NEIGHBOURS.entries()) {
      const plane = squares[d]!;
      const out = links[d]!;
      for (let i = 0; i < size; i++) {
        out[i] = strength * worth * (FLOOR + (1 - FLOOR) * Math.exp(-plane[i]! / (2 * typical)));
      }
    }
    return links;
  };
}

function squareDistance({ y, u, v }: Planes, i: number, j: number): number {
  const dy = y[i]! - y[j]!;
  const du = u[i]! - u[j]!;
  const dv = v[i]! - v[j]!;
  return dy * dy + 2 * (du * du + dv * dv);
}

function eachPair(
  width: number,
  height: number,
  dx: number,
  dy: number,
  visit: (i: number, j: number) => void,
): void {
  const offset = dy * width + dx;
  for (let y = 0; y < height - dy; y++) {
    const end = y * width + (dx > 0 ? width - 1 : width);
    for (let i = y * width + (dx < 0 ? 1 : 0); i < end; i++) visit(i, i + offset);
  }
}

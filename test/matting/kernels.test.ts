import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createDiffer } from '../../src/matting/engines/plate/differ.ts';
import { fullPlate } from '../../src/matting/engines/plate/fullPlate.ts';
import { createKeyer } from '../../src/matting/engines/screen/keyer.ts';
import { screenness } from '../../src/matting/engines/screen/screenness.ts';
import { createBoxSum } from '../../src/matting/grid/box.ts';
import { createTidyMask } from '../../src/matting/grid/components.ts';
import { createContrastLinks, type Planes } from '../../src/matting/grid/contrastLinks.ts';
import { fillGaps } from '../../src/matting/grid/fillGaps.ts';
import { type Frame, half, halveLuma, newFrame, withLuma } from '../../src/matting/grid/frame.ts';
import { keepNear } from '../../src/matting/grid/keepNear.ts';
import { type Region, regionOf } from '../../src/matting/grid/region.ts';
import { resizePlane } from '../../src/matting/grid/resize.ts';
import { createShrinkPlane } from '../../src/matting/grid/shrink.ts';
import { kernels } from '../../src/matting/kernels/kernels.ts';
import { createRefine } from '../../src/matting/refine/refine.ts';
import { upsample } from '../../src/matting/refine/upsample.ts';

const clamp = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(high, value));

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Odd ones too, and some that are narrower than a vector. */
const someSize: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 1, max: 70 }),
  height: fc.integer({ min: 1, max: 24 }),
});

const bytes = (length: number, max = 255): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length, max });

const somePlane = someSize.chain((size) =>
  fc.record({ size: fc.constant(size), plane: bytes(size.width * size.height) }),
);

const someMask = someSize.chain((size) =>
  fc.record({ size: fc.constant(size), mask: bytes(size.width * size.height, 1) }),
);

const somePlanes = (length: number): fc.Arbitrary<Planes> =>
  fc.record({ y: bytes(length), u: bytes(length), v: bytes(length) });

/** A picture, and another of the same size. */
const somePictures = someSize.chain((size) =>
  fc.record({
    size: fc.constant(size),
    picture: somePlanes(size.width * size.height),
    plate: somePlanes(size.width * size.height),
  }),
);

/** Where a region may lie, as shares of a grid's sides. */
const someShare = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const somePlace = fc.tuple(someShare, someShare, someShare, someShare);

function regionAt(
  [a, b, c, d]: readonly [number, number, number, number],
  { width, height }: Size,
): Region {
  const left = Math.floor(a * (width - 1));
  const top = Math.floor(b * (height - 1));
  return {
    left,
    top,
    right: left + 1 + Math.floor(c * (width - left - 1)),
    bottom: top + 1 + Math.floor(d * (height - top - 1)),
  };
}

function* placesOf({ left, top, right, bottom }: Region): Generator<[x: number, y: number]> {
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) yield [x, y];
}

const whole = ({ width, height }: Size): Region => ({
  left: 0,
  top: 0,
  right: width,
  bottom: height,
});

/** The sum over a square, edges of the region repeated. */
function sumAround(
  plane: Uint8Array,
  { width }: Size,
  { left, top, right, bottom }: Region,
  x: number,
  y: number,
  radius: number,
): number {
  let sum = 0;
  for (let dy = -radius; dy <= radius; dy++) {
    const row = clamp(y + dy, top, bottom - 1) * width;
    for (let dx = -radius; dx <= radius; dx++) sum += plane[row + clamp(x + dx, left, right - 1)]!;
  }
  return sum;
}

describe('sums over squares', () => {
  test('are exact for any size, region and radius', () => {
    fc.assert(
      fc.property(
        somePlane,
        somePlace,
        fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 128 })),
        ({ size, plane }, place, radius) => {
          const region = regionAt(place, size);
          const sums = createBoxSum(size.width, size.height)(plane, radius, region);
          for (const [x, y] of placesOf(region)) {
            expect(sums[y * size.width + x]).toBe(sumAround(plane, size, region, x, y, radius));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('of the whole picture are what is asked for without a region', () => {
    const sums = createBoxSum(3, 2)(Uint8Array.of(1, 2, 3, 4, 5, 255), 1);
    expect([...sums]).toEqual([21, 276, 531, 30, 534, 1038]);
  });

  test('keep of a plane what has a bit of the mask near', () => {
    fc.assert(
      fc.property(
        someMask,
        somePlace,
        fc.integer({ min: 0, max: 9 }),
        ({ size, mask }, place, radius) => {
          const region = regionAt(place, size);
          const sparse = mask.map((is, i) => (i % 7 === 0 ? is : 0));
          const plane = mask.map((_, i) => 1 + (i % 255));
          const kept = plane.slice();
          keepNear(kept, sparse, radius, size.width, region);
          const expected = new Uint8Array(plane.length);
          for (const [x, y] of placesOf(region)) {
            const i = y * size.width + x;
            if (sumAround(sparse, size, region, x, y, radius) > 0) expected[i] = plane[i]!;
          }
          expect(kept).toEqual(expected);
        },
      ),
    );
  });
});

describe('sizes', () => {
  test('luma halved is the mean of each block, the last line and column counted twice', () => {
    fc.assert(
      fc.property(somePlane, ({ size: { width, height }, plane }) => {
        const out = new Uint8Array(half(width) * half(height));
        halveLuma(plane, width, height, out);
        const at = (x: number, y: number): number =>
          plane[Math.min(y, height - 1) * width + Math.min(x, width - 1)]!;
        const expected = out.map((_, i) => {
          const x = 2 * (i % half(width));
          const y = 2 * Math.floor(i / half(width));
          return (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) >> 2;
        });
        expect(out).toEqual(expected);
      }),
    );
  });

  test('a plane shrunk is the mean of the area that each pixel covers', () => {
    fc.assert(
      fc.property(somePlane, someShare, someShare, ({ size: { width, height }, plane }, a, b) => {
        const [w, h] = [1 + Math.floor(a * (width - 1)), 1 + Math.floor(b * (height - 1))];
        const out = new Uint8Array(w * h);
        createShrinkPlane(width, height, w, h)(plane, out);
        const isWhole = width % w === 0 && height % h === 0;
        for (const [x, y] of placesOf(whole({ width: w, height: h }))) {
          let sum = 0;
          for (const [column, row] of placesOf(whole({ width, height }))) {
            const across = overlap(column, (x * width) / w, ((x + 1) * width) / w);
            const down = overlap(row, (y * height) / h, ((y + 1) * height) / h);
            sum += plane[row * width + column]! * across * down;
          }
          const mean = (sum * w * h) / (width * height);
          const found = out[y * w + x]!;
          if (isWhole) expect(found).toBe(Math.floor(mean + 0.5 + 1e-9));
          else expect(Math.abs(found - mean)).toBeLessThan(0.51);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a plane enlarged is bilinear', () => {
    fc.assert(
      fc.property(somePlane, someSize, ({ size: { width, height }, plane }, more) => {
        const [w, h] = [width + more.width, height + more.height];
        const out = resizePlane(plane, width, height, w, h);
        for (const [x, y] of placesOf(whole({ width: w, height: h }))) {
          const fromX = clamp(((x + 0.5) * width) / w - 0.5, 0, width - 1);
          const fromY = clamp(((y + 0.5) * height) / h - 0.5, 0, height - 1);
          const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
          const fx = Math.round(256 * (fromX - left));
          const fy = Math.round(256 * (fromY - top));
          const line = (row: number): number => {
            const start = Math.min(row, height - 1) * width;
            return (
              plane[start + left]! * (256 - fx) + plane[start + Math.min(left + 1, width - 1)]! * fx
            );
          };
          expect(out[y * w + x]).toBe((line(top) * (256 - fy) + line(top + 1) * fy + 32768) >> 16);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a grid doubled to the full picture is bilinear', () => {
    fc.assert(
      fc.property(somePlane, ({ size: { width, height }, plane }) => {
        const grid = plane.slice(0, half(width) * half(height));
        const out = new Uint8Array(width * height);
        upsample(grid, out, width, height);
        for (const [x, y] of placesOf(whole({ width, height }))) {
          const value = between([...grid], halfOf({ width, height }), x, y);
          expect(out[y * width + x]).toBe(Math.floor(value + 0.5));
        }
      }),
      { numRuns: 40 },
    );
  });
});

function overlap(n: number, from: number, to: number): number {
  return Math.max(0, Math.min(n + 1, to) - Math.max(n, from));
}

describe('masks', () => {
  test('the region of a mask is the smallest that holds it, and a margin', () => {
    fc.assert(
      fc.property(
        someMask,
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 400 }),
        ({ size, mask }, margin, step) => {
          const sparse = mask.map((is, i) => (i % step === step - 1 ? is : 0));
          const set = [...placesOf(whole(size))].filter(
            ([x, y]) => sparse[y * size.width + x] === 1,
          );
          const [xs, ys] = [set.map(([x]) => x), set.map(([, y]) => y)];
          expect(regionOf(sparse, size.width, size.height, margin)).toEqual(
            set.length === 0
              ? { left: 0, top: 0, right: 0, bottom: 0 }
              : {
                  left: Math.max(0, Math.min(...xs) - margin),
                  top: Math.max(0, Math.min(...ys) - margin),
                  right: Math.min(size.width, Math.max(...xs) + 1 + margin),
                  bottom: Math.min(size.height, Math.max(...ys) + 1 + margin),
                },
          );
        },
      ),
    );
  });

  test('small islands go and small holes are filled', () => {
    fc.assert(
      fc.property(
        someMask,
        somePlace,
        fc.record({
          islandShare: someShare,
          holePixels: fc.integer({ min: 0, max: 9 }),
        }),
        ({ size, mask }, place, rules) => {
          const region = regionAt(place, size);
          const { left, top, right, bottom } = region;
          for (const [x, y] of placesOf(whole(size))) {
            const isOutside = x < left || x >= right || y < top || y >= bottom;
            if (isOutside) mask[y * size.width + x] = 0;
          }
          const components = componentsOf(mask, size, region);
          const areas = components.filter(({ is }) => is === 1).map(({ places }) => places.length);
          const largest = Math.max(0, ...areas);
          const expected = mask.slice();
          for (const { is, places, isOpen } of components) {
            if (is === 1 && places.length >= largest * rules.islandShare) continue;
            if (is === 0 && (isOpen || places.length > rules.holePixels)) continue;
            for (const i of places) expected[i] = 1 - is;
          }
          createTidyMask(size.width, size.height)(mask, rules, region);
          expect(mask).toEqual(expected);
        },
      ),
    );
  });
});

interface Component {
  readonly is: number;
  readonly places: readonly number[];
  readonly isOpen: boolean;
}

/** 4-connected, by flood filling. */
function componentsOf(mask: Uint8Array, { width }: Size, region: Region): Component[] {
  const { left, top, right, bottom } = region;
  const seen = new Set<number>();
  return [...placesOf(region)].flatMap(([x, y]) => {
    const first = y * width + x;
    if (seen.has(first)) return [];
    seen.add(first);
    const places = [first];
    let isOpen = false;
    for (const i of places) {
      const [column, row] = [i % width, Math.floor(i / width)];
      if (column === left || row === top || column === right - 1 || row === bottom - 1)
        isOpen = true;
      const beside = [
        ...(column > left ? [i - 1] : []),
        ...(column < right - 1 ? [i + 1] : []),
        ...(row > top ? [i - width] : []),
        ...(row < bottom - 1 ? [i + width] : []),
      ];
      for (const next of beside) {
        if (seen.has(next) || mask[next] !== mask[first]) continue;
        seen.add(next);
        places.push(next);
      }
    }
    return [{ is: mask[first]!, places, isOpen }];
  });
}

describe('pictures', () => {
  test('differ from a plate by squares of noise, shadows by less', () => {
    fc.assert(
      fc.property(
        somePictures,
        somePlace,
        someShare,
        ({ size, picture: other, plate: busy }, place, share) => {
          const { width, height } = size;
          const region = regionAt(place, size);
          const plate = share < 0.5 ? busy : even(busy);
          const picture = shaded(plate, other, share);
          const found = createDiffer(plate, width, height, 0.1)(picture, region);
          const all = differences(picture, plate, size, 0.1);
          for (const [x, y] of placesOf(region)) {
            const mean = sumAround(all, size, region, x, y, 1) / 9;
            expect(Math.abs(found[y * width + x]! - mean)).toBeLessThan(1);
          }
        },
      ),
    );
  });

  test('have weak links across their edges, but for those that the plate has too', () => {
    fc.assert(
      fc.property(somePictures, somePlace, ({ size, picture, plate }, place) => {
        const region = regionAt(place, size);
        const links = createContrastLinks(size.width, size.height, 60, plate)(picture, region);
        const square = ({ y, u, v }: Planes, i: number, j: number): number =>
          (y[i]! - y[j]!) ** 2 + 2 * ((u[i]! - u[j]!) ** 2 + (v[i]! - v[j]!) ** 2);
        const pairs = [...placesOf(region)].flatMap(([x, y]) =>
          DIRECTIONS.flatMap(([dx, dy], d) => {
            const isInside =
              x + dx >= region.left && x + dx < region.right && y + dy < region.bottom;
            const i = y * size.width + x;
            const j = i + dy * size.width + dx;
            const squared = isInside ? square(picture, i, j) / (1 + square(plate, i, j) / 25) : 0;
            return isInside ? [{ i, d, squared }] : [];
          }),
        );
        const count = 4 * (region.right - region.left) * (region.bottom - region.top);
        const typical = Math.max(8, pairs.reduce((sum, { squared }) => sum + squared, 0) / count);
        for (const { i, d, squared } of pairs) {
          const most = d % 2 === 0 ? 60 : 60 * Math.SQRT1_2;
          const expected = most * (0.04 + 0.96 * Math.exp(-squared / (2 * typical)));
          expect(links[d]![i]).toBeCloseTo(expected, 1);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('are like a screen by the share of its hue that they have', () => {
    fc.assert(
      fc.property(somePictures, ({ picture, plate }) => {
        const found = screenness(picture, plate);
        const expected = Array.from(found, (_, i) => likeScreen(picture, plate, i));
        for (const [i, s] of found.entries()) {
          expect(Math.abs(s - expected[i]!)).toBeLessThan(1e-4 * (1 + Math.abs(expected[i]!)));
        }
      }),
    );
  });

  test('before a screen are keyed where they are unlike it', () => {
    const size = { width: 75, height: 31 };
    const screen = withLuma(newFrame(size.width, size.height));
    screen.luma.fill(100);
    screen.u.fill(60);
    screen.v.fill(50);
    const frame = { ...screen, u: screen.u.slice(), v: screen.v.slice() };
    frame.u.fill(128, 300, 900);
    frame.v.fill(128, 300, 900);
    frame.u.fill(94, 900, 920);
    frame.v.fill(89, 900, 920);
    const key = createKeyer(screen, {
      kind: 'screen',
      ramp: { low: 0.2, high: 0.8 },
      model: 'pro',
    });
    const prior = key(frame);
    expect([...prior.subarray(300, 900)].every((p) => p === 255)).toBe(true);
    expect([...prior.subarray(900, 920)].every((p) => p === 128)).toBe(true);
    expect([...prior.subarray(0, 300), ...prior.subarray(920)].every((p) => p === 0)).toBe(true);
  });

  test('behind a subject are the median of what is free, and what never is is filled', async () => {
    const size = { width: 45, height: 27 };
    const small = { width: 15, height: 9 };
    const noise = fc.sample(bytes(9 * size.width * size.height), { numRuns: 1, seed: 5 })[0]!;
    const frames = Array.from({ length: 9 }, (_, n) => {
      const frame = newFrame(size.width, size.height);
      for (const plane of [frame.y, frame.u, frame.v]) {
        plane.set(noise.subarray(n * plane.length, (n + 1) * plane.length));
      }
      return frame;
    });
    /** The subject stands on the left throughout, and in the middle in every other frame. */
    let asked = 0;
    const findSubject = (): Uint8Array => {
      const isThere = asked++ % 2 === 0;
      const mask = new Uint8Array(small.width * small.height);
      for (const [x, y] of placesOf(whole(small))) {
        mask[y * small.width + x] = x === 0 || (isThere && x === 7) ? 1 : 0;
      }
      return mask;
    };
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* decode(): AsyncGenerator<Frame> {
      yield* frames;
    }
    const { plate, seen } = await fullPlate(decode(), findSubject, small);
    for (const [x, y] of placesOf(whole(size))) {
      const cell = Math.floor((Math.floor(x / 2) * small.width) / half(size.width));
      const isSeen = cell > 3;
      expect(seen[(y >> 1) * half(size.width) + (x >> 1)]).toBe(isSeen ? 1 : 0);
      if (!isSeen) continue;
      const isOften = Math.abs(cell - 7) > 3;
      const free = frames.filter((_, n) => isOften || n % 2 === 1);
      const values = free.map((frame) => frame.y[y * size.width + x]!).sort((a, b) => a - b);
      expect(plate.y[y * size.width + x]).toBe(values[values.length >> 1]);
    }
  });

  test('are filled from around, and keep what is known', () => {
    fc.assert(
      fc.property(somePictures, someShare, ({ size: { width, height }, picture, plate }, share) => {
        const known = plate.y.map((value) => (value < share * 40 ? 1 : 0));
        const planes = { y: picture.y.slice(), u: picture.u.slice(), v: picture.v.slice() };
        fillGaps(planes, known, width, height);
        for (const name of ['y', 'u', 'v'] as const) {
          const filled = spread(picture[name], known, { width, height });
          for (const [i, value] of planes[name].entries()) {
            if (known[i] === 1) expect(value).toBe(picture[name][i]);
            else expect(Math.abs(value - filled[i]!)).toBeLessThan(0.51);
          }
        }
      }),
    );
  });
});

/** What is known, spread by a pyramid of averages whose finest level has half the resolution. */
function spread(plane: Uint8Array, known: Uint8Array, size: Size): number[] {
  const finest = pushPull(averages([...plane], [...known], size), halfOf(size));
  return Array.from(plane, (_, i) =>
    between(finest, halfOf(size), i % size.width, Math.floor(i / size.width)),
  );
}

interface Level {
  readonly weights: number[];
  readonly values: number[];
}

const halfOf = ({ width, height }: Size): Size => ({ width: half(width), height: half(height) });

/** The next coarser level. */
function averages(values: readonly number[], weights: readonly number[], size: Size): Level {
  const { width, height } = halfOf(size);
  const sums = Array.from({ length: width * height }, () => 0);
  const total = [...sums];
  for (const [x, y] of placesOf(whole(size))) {
    const i = y * size.width + x;
    const parent = (y >> 1) * width + (x >> 1);
    sums[parent] = sums[parent]! + weights[i]! * values[i]!;
    total[parent] = total[parent]! + weights[i]!;
  }
  return {
    weights: total.map((weight) => Math.min(1, weight)),
    values: sums.map((sum, i) => (total[i] === 0 ? 0 : sum / total[i]!)),
  };
}

function pushPull({ weights, values }: Level, size: Size): number[] {
  if (size.width === 1 && size.height === 1) return values;
  const coarse = pushPull(averages(values, weights, size), halfOf(size));
  return values.map((value, i) => {
    const around = between(coarse, halfOf(size), i % size.width, Math.floor(i / size.width));
    return weights[i]! * value + (1 - weights[i]!) * around;
  });
}

/** Bilinear at a cell of the next finer level, edges repeated. */
function between(values: readonly number[], { width, height }: Size, x: number, y: number): number {
  const at = (column: number, row: number): number =>
    values[clamp(row, 0, height - 1) * width + clamp(column, 0, width - 1)]!;
  const [column, row] = [x >> 1, y >> 1];
  const [beside, across] = [column + ((x & 1) === 1 ? 1 : -1), row + ((y & 1) === 1 ? 1 : -1)];
  const sides = at(beside, row) + at(column, across);
  return (9 * at(column, row) + 3 * sides + at(beside, across)) / 16;
}

const DIRECTIONS = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

/** With little detail. */
function even({ y, u, v }: Planes): Planes {
  const soften = (plane: Uint8Array): Uint8Array => plane.map((level) => 100 + level / 20);
  return { y: soften(y), u: soften(u), v: soften(v) };
}

/** Mostly the plate in the shadow, a little noisy, and here and there something else. */
function shaded(plate: Planes, other: Planes, share: number): Planes {
  const light = 0.6 + 0.4 * share;
  const shade = (name: 'y' | 'u' | 'v', black: number): Uint8Array =>
    plate[name].map((level, i) =>
      other.y[i]! < 40 ? other[name][i]! : black + light * (level - black) + other[name][i]! / 100,
    );
  return { y: shade('y', 16), u: shade('u', 128), v: shade('v', 128) };
}

/** As `createDiffer` describes it, before averaging. */
function differences(
  picture: Planes,
  plate: Planes,
  { width, height }: Size,
  edgeTolerance: number,
): Uint8Array {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < picture.y.length; i += 5) {
    const dy = picture.y[i]! - plate.y[i]!;
    if (Math.abs(dy) > 8) continue;
    sum += dy;
    count++;
  }
  const exposure = count === 0 ? 0 : sum / count;
  return picture.y.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const at = (column: number, row: number): number =>
      plate.y[clamp(row, 0, height - 1) * width + clamp(column, 0, width - 1)]!;
    const slope = Math.hypot(at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1)) / 2;
    const tone = 1 / (2.2 + 0.06 * slope);
    const dy = picture.y[i]! - plate.y[i]! - exposure;
    const du = picture.u[i]! - plate.u[i]!;
    const dv = picture.v[i]! - plate.v[i]!;
    const loss = dy < 0 ? -dy / (plate.y[i]! - 16) : 0;
    const fadedU = du + loss * (plate.u[i]! - 128);
    const fadedV = dv + loss * (plate.v[i]! - 128);
    const chroma = (du * du + dv * dv) * tone * tone;
    const faded = (fadedU * fadedU + fadedV * fadedV) * tone * tone;
    const isShadow = loss > 0 && loss < 0.28 && faded < 8;
    const light = (isShadow ? 0.2 : 1) * (dy / (3 + edgeTolerance * slope));
    return Math.min(255, 8 * (light * light + (isShadow ? Math.min(chroma, faded) : chroma)));
  });
}

function likeScreen(picture: Planes, screen: Planes, i: number): number {
  const lift = clamp((screen.y[i]! - 12) / Math.max(8, picture.y[i]! - 12), 1, 1.7);
  const [u, v] = [lift * (picture.u[i]! - 128), lift * (picture.v[i]! - 128)];
  const [hueU, hueV] = [screen.u[i]! - 128, screen.v[i]! - 128];
  const square = Math.max(1, hueU * hueU + hueV * hueV);
  const beside = Math.abs(u * hueV - v * hueU) / square;
  return (u * hueU + v * hueV) / square - 1.2 * Math.max(0, beside - 0.12);
}

describe('a matte', () => {
  /** A subject of one colour before a plate of another, with a soft edge; sizes are odd too. */
  const scenes = [
    { width: 160, height: 90 },
    { width: 161, height: 91 },
    { width: 47, height: 80 },
  ];

  test.each(scenes)('of $width×$height has the opacity and colour of what was mixed', (size) => {
    const { width, height } = size;
    const plate = newFrame(width, height);
    plate.y.fill(60);
    plate.u.fill(100);
    plate.v.fill(140);
    const frame = newFrame(width, height);
    const opacity = (x: number): number => clamp((x - width / 2) / 4 + 0.5, 0, 1);
    const mix = (a: number, f: number, b: number): number => Math.round(a * f + (1 - a) * b);
    for (const [x, y] of placesOf(whole(size))) frame.y[y * width + x] = mix(opacity(x), 180, 60);
    const grid = { width: half(width), height: half(height) };
    const prior = new Uint8Array(grid.width * grid.height);
    for (const [x, y] of placesOf(whole(grid))) {
      const a = opacity(2 * x + 0.5);
      frame.u[y * grid.width + x] = mix(a, 150, 100);
      frame.v[y * grid.width + x] = mix(a, 110, 140);
      prior[y * grid.width + x] = Math.round(255 * a);
    }
    const seen = new Uint8Array(prior.length).fill(1);
    const alpha = new Uint8Array(width * height);
    createRefine({ plate: withLuma(plate), seen }, 2)(withLuma(frame), prior, alpha);
    for (const [x, y] of placesOf(whole(size))) {
      const found = alpha[y * width + x]!;
      const luma = frame.y[y * width + x]!;
      expect(Math.abs(found / 255 - opacity(x))).toBeLessThan(0.06);
      if (found > 20) expect(Math.abs(luma - 180)).toBeLessThan(8);
      if (x < width / 2 - 20) expect([found, luma]).toEqual([0, 16]);
    }
  });

  test('of nothing is empty and black, and one of all leaves the picture as it is', () => {
    const plate = withLuma(newFrame(65, 33));
    const seen = new Uint8Array(33 * 17).fill(1);
    for (const level of [0, 255]) {
      const frame = newFrame(65, 33);
      for (const plane of [frame.y, frame.u, frame.v]) plane.fill(77);
      const alpha = new Uint8Array(65 * 33).fill(99);
      createRefine({ plate, seen }, 2)(withLuma(frame), new Uint8Array(33 * 17).fill(level), alpha);
      const [y, chroma] = level === 0 ? [16, 128] : [77, 77];
      expect(new Set(alpha)).toEqual(new Set([level]));
      expect(new Set(frame.y)).toEqual(new Set([y]));
      expect(new Set([...frame.u, ...frame.v])).toEqual(new Set([chroma]));
    }
  });
});

test('the memory of the kernels is that of the largest call, however many engines there were', () => {
  const bytesNow = (): number => kernels.memory.buffer.byteLength;
  const openAndUse = (): void => {
    const plate = withLuma(newFrame(640, 360));
    const prior = new Uint8Array(plate.u.length).fill(255);
    const alpha = new Uint8Array(plate.y.length);
    createRefine({ plate, seen: prior }, 2)(withLuma(newFrame(640, 360)), prior, alpha);
    createDiffer(plate, 320, 180)(plate);
  };
  openAndUse();
  const once = bytesNow();
  for (let n = 0; n < 50; n++) openAndUse();
  expect(bytesNow()).toBe(once);
});

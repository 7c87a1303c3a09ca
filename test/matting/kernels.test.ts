import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createBoxSum } from '../../src/matting/grid/box.ts';
import { half, halveLuma } from '../../src/matting/grid/frame.ts';
import type { Region } from '../../src/matting/grid/region.ts';

const clamp = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(high, value));

/** A plane of some size, odd ones too. */
const somePlane = fc
  .record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 24 }) })
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      plane: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
    }),
  );

/** Where a region may lie, as shares of a grid's sides. */
const somePlace = fc.tuple(
  ...([0, 1, 2, 3].map(() => fc.double({ min: 0, max: 1, noNaN: true })) as [
    fc.Arbitrary<number>,
    fc.Arbitrary<number>,
    fc.Arbitrary<number>,
    fc.Arbitrary<number>,
  ]),
);

function regionAt(
  [a, b, c, d]: readonly [number, number, number, number],
  width: number,
  height: number,
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

describe('sums over squares', () => {
  test('are exact for any size, region and radius', () => {
    fc.assert(
      fc.property(
        somePlane,
        somePlace,
        fc.integer({ min: 0, max: 128 }),
        ({ width, height, plane }, place, radius) => {
          const region = regionAt(place, width, height);
          const sums = createBoxSum(width, height)(plane, radius, region);
          const { left, top, right, bottom } = region;
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
              let sum = 0;
              for (let dy = -radius; dy <= radius; dy++) {
                for (let dx = -radius; dx <= radius; dx++) {
                  const column = clamp(x + dx, left, right - 1);
                  sum += plane[clamp(y + dy, top, bottom - 1) * width + column]!;
                }
              }
              expect(sums[y * width + x]).toBe(sum);
            }
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
});

test('luma halved is the mean of each block, the last line and column counted twice', () => {
  fc.assert(
    fc.property(somePlane, ({ width, height, plane }) => {
      const out = new Uint8Array(half(width) * half(height));
      halveLuma(plane, width, height, out);
      const expected = Array.from({ length: out.length }, (_, i) => {
        const x = 2 * (i % half(width));
        const y = 2 * Math.floor(i / half(width));
        const right = Math.min(x + 1, width - 1);
        const below = Math.min(y + 1, height - 1);
        const sum =
          plane[y * width + x]! +
          plane[y * width + right]! +
          plane[below * width + x]! +
          plane[below * width + right]!;
        return (sum + 2) >> 2;
      });
      expect([...out]).toEqual(expected);
    }),
  );
});

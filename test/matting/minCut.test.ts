import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createMinCut } from '../../src/matting/grid/minCut.ts';

const WIDTH = 3;
const HEIGHT = 4;
const SIZE = WIDTH * HEIGHT;
const NEIGHBOURS = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

const cost = fc.integer({ min: -30, max: 30 });
const link = fc.integer({ min: 0, max: 20 });
const plane = (of: fc.Arbitrary<number>): fc.Arbitrary<Float32Array> =>
  fc.array(of, { minLength: SIZE, maxLength: SIZE }).map((values) => Float32Array.from(values));

test('the outline found is the cheapest of all possible outlines', () => {
  const minCut = createMinCut(WIDTH, HEIGHT);
  const labels = new Uint8Array(SIZE);
  fc.assert(
    fc.property(
      plane(cost),
      fc.tuple(plane(link), plane(link), plane(link), plane(link)),
      (lean, links) => {
        minCut.solve(lean, links, labels);
        let cheapest = Infinity;
        for (let code = 0; code < 2 ** SIZE; code++) {
          cheapest = Math.min(
            cheapest,
            energy((i) => (code >> i) & 1, lean, links),
          );
        }
        expect(energy((i) => labels[i]!, lean, links)).toBe(cheapest);
      },
    ),
    { numRuns: 60 },
  );
});

test('costs that are no numbers do not keep the search from ending', () => {
  const labels = new Uint8Array(SIZE);
  const broken = new Float32Array(SIZE).fill(NaN);
  createMinCut(WIDTH, HEIGHT).solve(broken, [broken, broken, broken, broken], labels);
  expect([...labels]).toEqual(Array(SIZE).fill(0));
});

function energy(
  label: (i: number) => number,
  lean: Float32Array,
  links: readonly Float32Array[],
): number {
  let sum = 0;
  for (let i = 0; i < SIZE; i++) {
    const x = i % WIDTH;
    const y = Math.floor(i / WIDTH);
    if (label(i) === 0) sum += lean[i]!;
    for (const [d, [dx, dy]] of NEIGHBOURS.entries()) {
      if (x + dx < 0 || x + dx >= WIDTH || y + dy >= HEIGHT) continue;
      if (label(i) !== label(i + dy * WIDTH + dx)) sum += links[d]![i]!;
    }
  }
  return sum;
}

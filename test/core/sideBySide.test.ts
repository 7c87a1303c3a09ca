import { expect, test } from 'vitest';

import { sideBySide } from '../../src/core/sideBySide.ts';

test('so many at a time are worked on, and what came of them keeps their order', async () => {
  let atWork = 0;
  let most = 0;
  const items = Array.from({ length: 50 }, (_, number) => number);
  const doubled = await sideBySide(4, items, async (number) => {
    atWork += 1;
    most = Math.max(most, atWork);
    for (let turns = number % 7; turns > 0; turns -= 1) await Promise.resolve();
    atWork -= 1;
    return number * 2;
  });
  expect(most).toBe(4);
  expect(doubled).toEqual(items.map((number) => number * 2));
});

test('after a failure nothing more is begun', async () => {
  const begun: number[] = [];
  const work = async (number: number): Promise<void> => {
    begun.push(number);
    await Promise.resolve();
    if (number === 5) throw new Error('the fifth');
  };
  const items = Array.from({ length: 1000 }, (_, number) => number);
  await expect(sideBySide(3, items, work)).rejects.toThrow('the fifth');
  expect(begun.length).toBeLessThan(10);
});

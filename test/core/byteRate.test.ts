import { expect, test } from 'vitest';

import { parseByteRate } from '../../src/core/byteRate.ts';

test.each([
  ['2.5M', 2_500_000],
  ['800k', 800_000],
  ['1000000', 1_000_000],
  ['1g', 1_000_000_000],
])('%s is understood as bytes a second', (text, rate) => {
  expect(parseByteRate(text)).toBe(rate);
});

test.each(['', 'fast', '-1M', '1e6', '2.5MB', '49k', '0', 'k', 'toString'])(
  '`%s` is no rate that a transfer could live on',
  (text) => {
    expect(parseByteRate(text)).toBeUndefined();
  },
);

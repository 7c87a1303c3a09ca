import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { backoffMs, parseRetryAfter, retryDelayMs } from '../../src/core/backoff.ts';

describe('backoff', () => {
  test('keeps to the documented windows: 1–2, 2–4, 4–8, then 8–16 s', () => {
    const windows = [1, 2, 3, 4, 5, 9].map((attempt) => [
      backoffMs(attempt, () => 0),
      backoffMs(attempt, () => 1),
    ]);
    expect(windows).toEqual([
      [1000, 2000],
      [2000, 4000],
      [4000, 8000],
      [8000, 16000],
      [8000, 16000],
      [8000, 16000],
    ]);
  });

  test('never comes back earlier than the server asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 600_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, asked, chance) => {
          expect(retryDelayMs(attempt, asked, () => chance)).toBeGreaterThanOrEqual(asked);
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  const date = 'Fri, 20 Nov 2026 10:00:00 GMT';

  test.each([
    ['0', 0],
    ['3', 3_000],
    ['90', 90_000],
    ['3600', 3_600_000],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
  ])('%s is understood', (value, expected) => {
    expect(parseRetryAfter(value, date)).toBe(expected);
  });

  test.each([
    '-1',
    '1e9',
    '2abc',
    'NaN',
    '',
    '1700000000',
    '86401',
    'Fri, 20 Nov 2026 09:59:00 GMT',
  ])('`%s` is ignored', (value) => {
    expect(parseRetryAfter(value, date)).toBeUndefined();
  });

  test('never throws and never leaves 0 to a day, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, dateHeader) => {
        const ms = parseRetryAfter(value, dateHeader);
        expect(ms === undefined || (ms >= 0 && ms <= 86_400_000)).toBe(true);
      }),
    );
  });
});

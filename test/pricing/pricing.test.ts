import { describe, expect, test } from 'vitest';

import type { ProbedClip } from '../../src/core/clip.ts';
import { toNumber } from '../../src/core/credits.ts';
import { estimateClip, totalByModel } from '../../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF, loadTariff, type TariffSources } from '../../src/pricing/tariff.ts';

const clip = (seconds: number): ProbedClip => ({
  path: '/a.mp4',
  relativePath: 'a.mp4',
  sizeBytes: 1,
  mtimeMs: 0,
  media: {
    durationUs: seconds * 1e6,
    width: 1,
    height: 1,
    framesPerSecond: 25,
    hasAudio: false,
    videoCodec: 'h264',
    readBy: 'header',
  },
});

describe('an estimate', () => {
  test('adds up exactly and marks every model that shares the lowest price', () => {
    const estimates = [4, 12.4, 61.2].map((seconds) =>
      estimateClip(clip(seconds), BUILT_IN_TARIFF),
    );
    const totals = totalByModel(estimates);
    expect(totals.map(({ model, exact }) => [model, toNumber(exact)])).toEqual([
      ['original', 77.6],
      ['light', 58.2],
      ['pro', 232.8],
      ['human', 58.2],
    ]);
    expect(totals.filter((total) => total.cheapest).map((total) => total.model)).toEqual([
      'light',
      'human',
    ]);
    const light = totals.find((total) => total.model === 'light');
    expect([light?.second, light?.minute].map((c) => toNumber(c ?? (0 as never)))).toEqual([
      59.25, 180,
    ]);
  });
});

describe('the price list', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const rates = { original: 61, light: 46, pro: 181, human: 46 };
  const stored = (asOf: string): string => JSON.stringify({ version: 1, asOf, rates });

  function sources(
    changes: Partial<TariffSources>,
  ): TariffSources & { readonly written: string[] } {
    const written: string[] = [];
    return {
      now,
      fetchRates: () => Promise.reject(new Error('offline')),
      readCache: () => Promise.resolve(undefined),
      writeCache: (text) => Promise.resolve(void written.push(text)),
      written,
      ...changes,
    };
  }

  test('is asked for, stored and labelled live', async () => {
    const given = sources({ fetchRates: () => Promise.resolve(rates) });
    const tariff = await loadTariff(given);
    expect([tariff.source, toNumber(tariff.perMinute.pro)]).toEqual(['live', 181]);
    const again = await loadTariff(
      sources({ readCache: () => Promise.resolve(given.written[0]), now: now + 60_000 }),
    );
    expect([again.source, again.asOf]).toEqual(['cached', '2026-11-20T12:00:00.000Z']);
  });

  test('is still live when it cannot be stored', async () => {
    const writeCache = (): Promise<void> => Promise.reject(new Error('disk full'));
    const tariff = await loadTariff(
      sources({ fetchRates: () => Promise.resolve(rates), writeCache }),
    );
    expect(tariff.source).toBe('live');
  });

  test('is asked for again when the stored one is a quarter of an hour old', async () => {
    const readCache = (): Promise<string> => Promise.resolve(stored('2026-11-20T11:44:00Z'));
    const fetched = await loadTariff(
      sources({ readCache, fetchRates: () => Promise.resolve({ ...rates, pro: 200 }) }),
    );
    expect([fetched.source, toNumber(fetched.perMinute.pro)]).toEqual(['live', 200]);
    const offline = await loadTariff(sources({ readCache }));
    expect([offline.source, offline.asOf]).toEqual(['cached', '2026-11-20T11:44:00Z']);
  });

  test.each([
    ['nothing', undefined],
    ['nonsense', 'not json'],
    [
      'a price of zero',
      JSON.stringify({ asOf: '2026-11-20T11:59:00Z', rates: { ...rates, pro: 0 } }),
    ],
    ['a missing model', JSON.stringify({ asOf: '2026-11-20T11:59:00Z', rates: { pro: 1 } })],
    ['a date of its own making', JSON.stringify({ asOf: 'soon', rates })],
  ])('falls back to the built-in one when offline with %s stored', async (_title, text) => {
    const tariff = await loadTariff(sources({ readCache: () => Promise.resolve(text) }));
    expect(tariff).toEqual(BUILT_IN_TARIFF);
  });
});

import { credits } from '../core/credits.ts';
import type { Tariff } from '../core/estimate.ts';
import { MODELS, type Model } from '../core/model.ts';

/** The rates printed on the vendor's credits page, for when nothing better is known. */
export const BUILT_IN_TARIFF: Tariff = {
  perMinute: { original: credits(60), light: credits(45), pro: credits(180), human: credits(45) },
  source: 'built-in',
  asOf: '2026-11-20T00:00:00.000Z',
};

/** How long a stored price list is used without asking again (vendor page: pricing, "short TTL"). */
const FRESH_MS = 15 * 60_000;

export interface TariffSources {
  /** Asks the service; rejects when it cannot be reached or answers nonsense. */
  readonly fetchRates: () => Promise<Readonly<Record<Model, number>>>;
  readonly readCache: () => Promise<string | undefined>;
  readonly writeCache: (text: string) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The best price list to be had: a stored one of the last quarter hour, else a live one, else a
 * stored one of any age, else the built-in one; each says which it is.
 */
export async function loadTariff(sources: TariffSources): Promise<Tariff> {
  const cached = parseCache(await sources.readCache());
  const age = cached === undefined ? Infinity : sources.now - Date.parse(cached.asOf);
  if (cached !== undefined && age >= 0 && age < FRESH_MS) return cached;
  let live: Tariff;
  try {
    const rates = await sources.fetchRates();
    const asOf = new Date(sources.now).toISOString();
    live = { perMinute: ratesToCredits(rates), source: 'live', asOf };
    const text = JSON.stringify({ version: 1, asOf, rates });
    // A cache that cannot be written costs one request next time, nothing else.
    await sources.writeCache(text).catch(() => undefined);
  } catch {
    // A missing price list must not stop an estimate; the label says what was used instead.
    return cached ?? BUILT_IN_TARIFF;
  }
  return live;
}

function parseCache(text: string | undefined): Tariff | undefined {
  if (text === undefined) return undefined;
  try {
    const stored = JSON.parse(text) as { asOf?: unknown; rates?: Record<string, unknown> };
    if (typeof stored.asOf !== 'string' || Number.isNaN(Date.parse(stored.asOf))) return undefined;
    const rates = stored.rates as Readonly<Record<Model, number>>;
    return { perMinute: ratesToCredits(rates), source: 'cached', asOf: stored.asOf };
  } catch {
    return undefined;
  }
}

function ratesToCredits(rates: Readonly<Record<Model, number>>): Tariff['perMinute'] {
  for (const model of MODELS) {
    const rate: unknown = rates[model];
    if (typeof rate !== 'number' || !(rate > 0 && rate < 1e6)) {
      throw new RangeError(`no usable rate for ${model}`);
    }
  }
  return {
    original: credits(rates.original),
    light: credits(rates.light),
    pro: credits(rates.pro),
    human: credits(rates.human),
  };
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
/** Shared by six transfers this still moves each often enough not to look dead. */
const LEAST = 50_000;

/**
 * Reads a rate such as `2.5M`, `800k` or `1000000`: bytes a second, in powers of a thousand.
 *
 * @returns `undefined` for anything else, and for less than 50,000 bytes a second
 */
export function parseByteRate(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text.trim());
  const rate = Number(found?.[1]) * (FACTORS[found?.[2]?.toLowerCase() ?? ''] ?? NaN);
  return rate >= LEAST ? Math.round(rate) : undefined;
}

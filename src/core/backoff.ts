/**
 * The vendor's retry table (page: rate limits): 1–2, 2–4, 4–8, then 8–16 seconds, each time drawn
 * evenly inside the window. The same as half jitter over 2 s doubling to 16 s.
 *
 * @param attempt how many attempts have failed so far, from 1
 * @param random from 0 up to 1
 */
export function backoffMs(attempt: number, random: () => number): number {
  const cap = Math.min(16_000, 2_000 * 2 ** (attempt - 1));
  return cap * (0.5 + random() / 2);
}

/**
 * How long to wait after a refusal: never less than the server asked, never less than the table.
 * The spread on top keeps a fleet from coming back in the same instant.
 */
export function retryDelayMs(
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  const own = backoffMs(attempt, random);
  if (retryAfterMs === undefined) return own;
  return Math.max(own, retryAfterMs) + random() * 0.1 * retryAfterMs;
}

/** A day: whatever is longer is a mistake, or a moment in the place of a span. */
const LONGEST_HONOURED_MS = 86_400_000;

/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date. The date is compared with the
 * answer's own `Date`, so a wrong local clock does no harm.
 *
 * @returns milliseconds from now, 0 to 86,400,000; `undefined` for anything else
 */
export function parseRetryAfter(
  value: string | undefined,
  dateHeader: string | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return sensible(Number(value) * 1_000);
  if (!/^[A-Z][a-z]{2}, /.test(value) || dateHeader === undefined) return undefined;
  return sensible(Date.parse(value) - Date.parse(dateHeader));
}

function sensible(ms: number): number | undefined {
  return ms >= 0 && ms <= LONGEST_HONOURED_MS ? ms : undefined;
}

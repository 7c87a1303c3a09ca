import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How far a delivery's time may be from now, in milliseconds; no window is documented. */
export const WINDOW_MS = 300_000;

/**
 * A moment with its zone, and nothing else. Only such a text may stand before the dot that joins it
 * with the body: else one signature would fit several splits of the two.
 */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/** What a delivery claims, its form checked. */
export interface Claim {
  readonly timestamp: string;
  /** Lower-case hexadecimal. */
  readonly mac: string;
}

/**
 * Reads the two headers that count (guide: webhooks).
 *
 * @returns `undefined` when one is missing, malformed, repeated, or out of the window
 */
export function readClaim(headers: IncomingHttpHeaders, nowMs: number): Claim | undefined {
  const { 'x-webhook-timestamp': timestamp, 'x-webhook-signature': signature } = headers;
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  const mac = SIGNATURE.exec(signature)?.[1];
  if (mac === undefined || !MOMENT.test(timestamp)) return undefined;
  const isNear = Math.abs(nowMs - Date.parse(timestamp)) <= WINDOW_MS;
  return isNear ? { timestamp, mac } : undefined;
}

/**
 * Whether one of the secrets made the claim: HMAC-SHA256 over timestamp, a dot and the raw bytes.
 * Every secret is tried in constant time; two are in use while one replaces the other.
 */
export function isGenuine(claim: Claim, rawBody: Buffer, secrets: readonly string[]): boolean {
  const claimed = Buffer.from(claim.mac, 'hex');
  const matches = secrets.filter((secret) => {
    const mac = createHmac('sha256', secret).update(`${claim.timestamp}.`).update(rawBody).digest();
    return mac.length === claimed.length && timingSafeEqual(mac, claimed);
  });
  return matches.length > 0;
}

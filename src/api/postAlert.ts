import { exchangeText } from './exchange.ts';

const TIMEOUT_MS = 10_000;

/**
 * Posts a JSON document to a person's own address, once. Carries no key and follows no redirect.
 *
 * @throws ApiError, or an `AbortError` after ten seconds
 */
export async function postAlert(url: string, body: unknown, userAgent: string): Promise<void> {
  const { status } = await exchangeText(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', 'user-agent': userAgent },
      body: JSON.stringify(body),
      responseTimeoutMs: TIMEOUT_MS,
    },
    AbortSignal.timeout(TIMEOUT_MS),
  );
  if (status < 200 || status >= 300) throw new Error(`HTTP ${status}`);
}

import { createHmac } from 'node:crypto';

/** `X-Webhook-Signature` of a delivery: HMAC-SHA256 over timestamp and raw body (guide: webhooks). */
export function webhookSignature(secret: string, timestamp: string, rawBody: string): string {
  const digest = createHmac('sha256', secret).update(`${timestamp}.${rawBody}`).digest('hex');
  return `sha256=${digest}`;
}

import type { WebhookEvent } from '../jobs/job.ts';
import type { Reach } from '../net/addresses.ts';
import { guardedRequest } from '../net/guardedRequest.ts';
import { webhookSignature } from './signature.ts';

/** One attempt to tell a `webhook_url` something. */
export interface Delivery {
  readonly url: string;
  readonly event: WebhookEvent;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly body: string;
  /** Without one there is no signature. */
  readonly secret: string | undefined;
}

/**
 * Sends it (guide: webhooks; the method is documented nowhere, a template of the vendor has POST).
 *
 * @returns whether the receiver took it: any 2xx
 */
export async function deliver(
  delivery: Delivery,
  reach: Reach,
  signal: AbortSignal,
): Promise<boolean> {
  const { url, event, id, timestamp, body, secret } = delivery;
  const answer = await guardedRequest(new URL(url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-webhook-event': event,
      'x-webhook-delivery-id': id,
      'x-webhook-timestamp': timestamp,
      ...(secret === undefined
        ? {}
        : { 'x-webhook-signature': webhookSignature(secret, timestamp, body) }),
    },
    body,
    reach,
    signal,
  });
  answer.destroy();
  const { statusCode = 0 } = answer;
  return statusCode >= 200 && statusCode < 300;
}

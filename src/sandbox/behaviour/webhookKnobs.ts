import { amount, choice, flag } from './knob.ts';

/** How events are delivered (vendor page: webhooks). */
export const WEBHOOK_KNOBS = {
  webhookHosts: choice(
    ['loopback', 'public'],
    'loopback',
    'safety of the sandbox: private addresses never, public ones when told',
  ),
  webhookHttpsOnly: flag(false, 'N10: whether http is accepted is not documented'),
  webhookBody: choice(
    ['event_data', 'flat', 'job'],
    'event_data',
    'N10: the body is not documented; event_data is what a template of the vendor reads',
  ),
  webhookEventsShape: choice(
    ['map', 'list'],
    'map',
    'a.5: "per-event delivery state, sent or failed"; the container is open',
  ),
  webhookRetries: amount('more tries', 3, 'N10: retries are not documented', { whole: true }),
  webhookRetryDelayMs: amount('milliseconds, doubled each time', 1_000, 'N10: no schedule'),
  webhookTimeoutMs: amount('milliseconds', 10_000, 'N10: no receiver timeout', { least: 1 }),
  webhookDeliveryId: choice(
    ['stable', 'per_attempt'],
    'stable',
    'N10: whether a retry keeps its X-Webhook-Delivery-Id is not documented',
  ),
} as const;

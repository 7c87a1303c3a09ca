import type { BatchDeps } from '../batch/deps.ts';
import type { Context } from './context.ts';
import { checkWebhookUrl, parseListenAddress, WEBHOOK_LISTEN } from './webhookAddress.ts';

/** A receiver of webhooks for the length of a run. */
export interface WebhookHints {
  /** What the service is told to call. */
  readonly url: string;
  readonly onHint: NonNullable<BatchDeps['onHint']>;
  close(): Promise<void>;
}

export interface WebhookOptions {
  /** Address under which the service reaches this machine. */
  readonly webhookUrl?: string;
  /** `host:port` that it leads to. */
  readonly webhookListen?: string;
}

/**
 * Listens for webhooks if the options say where they can be sent. Nothing in them is believed: they
 * only say of which job there may be news.
 *
 * @returns `undefined` without a `webhookUrl`
 * @throws RbgvError of category `usage`
 */
export async function openWebhookHints(
  { webhookUrl, webhookListen = WEBHOOK_LISTEN }: WebhookOptions,
  { environment, terminal, clock }: Context,
): Promise<WebhookHints | undefined> {
  if (webhookUrl === undefined) return undefined;
  const url = checkWebhookUrl(webhookUrl);
  const { readWebhookSecrets } = await import('../config/webhookSecrets.ts');
  const { startWebhookReceiver } = await import('../api/webhooks/webhookReceiver.ts');
  const secrets = readWebhookSecrets(environment);
  for (const secret of secrets) terminal.hide(secret);
  let hint: (jobId: string) => void = () => undefined;
  const receiver = await startWebhookReceiver({
    ...parseListenAddress(webhookListen),
    secrets,
    clock,
    onEvent({ event, jobId }) {
      // That a job has been started is no news to whoever started it.
      if (jobId !== undefined && event !== 'job.started') hint(jobId);
    },
  });
  return {
    url,
    onHint: (call) => {
      hint = call;
    },
    close: () => receiver.close(),
  };
}

import { startWebhookReceiver } from '../../api/webhooks/webhookReceiver.ts';
import { readEnvironment } from '../../config/environment.ts';
import { readWebhookSecrets } from '../../config/webhookSecrets.ts';
import { systemClock } from '../../core/clock.ts';
import { exitCode } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';
import { createTerminal } from '../terminal.ts';
import { parseListenAddress, WEBHOOK_LISTEN } from '../webhookAddress.ts';

export interface ListenOptions {
  /** `host:port` */
  readonly webhookListen?: string;
}

/** `rbgv listen`: every genuine webhook as a line of JSON, until it is told to stop. */
export async function listen({ webhookListen = WEBHOOK_LISTEN }: ListenOptions): Promise<number> {
  const environment = readEnvironment();
  const terminal = createTerminal(environment);
  const secrets = readWebhookSecrets(environment);
  for (const secret of secrets) terminal.hide(secret);
  const receiver = await startWebhookReceiver({
    ...parseListenAddress(webhookListen),
    secrets,
    clock: systemClock,
    onEvent({ timestamp, event, jobId, body }) {
      const receivedAt = new Date(systemClock.now()).toISOString();
      terminal.out(
        JSON.stringify({
          type: 'webhook',
          version: 1,
          received_at: receivedAt,
          timestamp,
          event: event ?? null,
          job_id: jobId ?? null,
          body: body ?? null,
        }),
      );
    },
  });
  const interruption = watchSignals(() => {
    terminal.err('stopping');
  });
  terminal.err(`listening for webhooks on ${receiver.address}`);
  await new Promise<void>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  interruption.dispose();
  await receiver.close();
  return interruption.exitCode() === 143 ? 143 : exitCode('ok');
}

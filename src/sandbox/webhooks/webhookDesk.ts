import { randomUUID } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import type { Behaviour } from '../behaviour.ts';
import type { FaultScript } from '../faults/faultScript.ts';
import type { WebhookFault } from '../faults.ts';
import type { Job, WebhookEvent, WebhookState } from '../jobs/job.ts';
import { deliver, type Delivery } from './deliver.ts';

/** Tells receivers what happens to their jobs, each job's events one after another. */
export interface WebhookDesk {
  /** Does nothing for a job without a `webhook_url`. */
  tell(job: Job, event: WebhookEvent): void;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

export function createWebhookDesk(deps: {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly secret: string | undefined;
  readonly script: FaultScript;
  /** The body of a delivery, as JSON. */
  readonly bodyOf: (job: Job, event: WebhookEvent) => string;
  /** Makes the outcome of a delivery durable, after all tries. */
  readonly record: (jobId: string, event: WebhookEvent, state: WebhookState) => Promise<void>;
  readonly log: (line: string) => void;
  readonly closing: AbortSignal;
}): WebhookDesk {
  const { behaviour, clock, script, closing } = deps;
  const reach = { loopback: true, publicInternet: behaviour.webhookHosts === 'public' };
  /** The last delivery of each job that has one under way. */
  const lines = new Map<string, Promise<void>>();
  /** Deliveries kept back until the job's next one is through. */
  const held = new Map<string, () => Promise<void>>();

  async function attempt(delivery: Delivery): Promise<boolean> {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(behaviour.webhookTimeoutMs)]);
    try {
      return await deliver(delivery, reach, signal);
    } catch (error) {
      deps.log(`webhook ${delivery.event}: ${String(error)}`);
      return false;
    }
  }

  async function attempts(job: Job, url: string, event: WebhookEvent, fault?: WebhookFault) {
    const body = deps.bodyOf(job, event);
    const stableId = randomUUID();
    const ageSeconds = fault?.kind === 'old_timestamp' ? (fault.seconds ?? 600) : 0;
    const wrong = fault?.kind === 'bad_signature' ? 'not the secret' : undefined;
    for (let tries = 0; tries <= behaviour.webhookRetries && !closing.aborted; tries += 1) {
      if (tries > 0) await clock.sleep(behaviour.webhookRetryDelayMs * 2 ** (tries - 1), closing);
      const delivery: Delivery = {
        url,
        event,
        id: behaviour.webhookDeliveryId === 'stable' ? stableId : randomUUID(),
        timestamp: new Date(clock.now() - ageSeconds * 1_000).toISOString(),
        body,
        secret: wrong ?? deps.secret,
      };
      const isTaken = await attempt(delivery);
      if (fault?.kind === 'duplicate') await attempt(delivery);
      if (isTaken) return true;
    }
    return false;
  }

  async function send(job: Job, url: string, event: WebhookEvent, fault?: WebhookFault) {
    if (fault?.kind === 'delayed') await clock.sleep(fault.ms, closing);
    const isTaken = await attempts(job, url, event, fault);
    // An end of the sandbox says nothing about the receiver.
    if (!closing.aborted) await deps.record(job.id, event, isTaken ? 'sent' : 'failed');
    const kept = held.get(job.id);
    held.delete(job.id);
    await kept?.();
  }

  return {
    tell(job, event) {
      const url = job.order.webhookUrl;
      if (url === undefined || closing.aborted) return;
      const fault = script.next('webhook', job.id);
      if (fault?.kind === 'out_of_order') {
        held.set(job.id, () => send(job, url, event));
        return;
      }
      const before = lines.get(job.id) ?? Promise.resolve();
      const line = before
        .then(() => send(job, url, event, fault))
        .catch((error: unknown) => {
          if (!closing.aborted) deps.log(`webhook ${event}: ${String(error)}`);
        })
        .finally(() => {
          if (lines.get(job.id) === line) lines.delete(job.id);
        });
      lines.set(job.id, line);
    },
    async close() {
      await Promise.all(lines.values());
    },
  };
}

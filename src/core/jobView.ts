import type { Credits } from './credits.ts';

/** A job as the server showed it, after the wire's spelling has been left behind. */
export interface JobView {
  readonly id: string;
  /** `undefined` when the server sent something that is not a word. */
  readonly status: string | undefined;
  /** 0..100 */
  readonly progress: number | undefined;
  readonly outputUrl: string | undefined;
  /** Why the job failed, as the server put it. */
  readonly error: string | undefined;
  /** Raw word; its values are documented nowhere. */
  readonly billingStatus: string | undefined;
  /** What the job cost, when the service shows it: no page documents such a field. */
  readonly creditsUsed: Credits | undefined;
  /** Milliseconds since the epoch; `undefined` when the service does not say. */
  readonly createdAt: number | undefined;
  /** What the job was created with, when the service echoes it; only texts are kept. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The delivery record of webhooks names `job.started`. */
  readonly sawStartedEvent: boolean;
}

/** Whether the server said a word after which none other follows (vendor page: workflow). */
export function hasEnded({ status }: JobView): boolean {
  return status === 'completed' || status === 'failed';
}

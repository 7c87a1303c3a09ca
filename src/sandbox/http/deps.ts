import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

import type { Clock } from '../../core/clock.ts';
import type { AccountBook } from '../accounts/accountBook.ts';
import type { Meter } from '../accounts/meter.ts';
import type { Behaviour } from '../behaviour.ts';
import type { DataFolder } from '../disk/dataFolder.ts';
import type { Endpoint } from '../faults.ts';
import type { JobDesk } from '../jobs/jobDesk.ts';
import type { JobRunner } from '../jobs/jobRunner.ts';
import type { JobStore } from '../jobs/jobStore.ts';

/** What the routes work with. */
export interface HttpDeps {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly folder: DataFolder;
  readonly book: AccountBook;
  readonly meter: Meter;
  readonly store: JobStore;
  readonly desk: JobDesk;
  readonly runner: JobRunner;
  /** Opens the admin and control doors; without one they are closed. */
  readonly adminToken: string | undefined;
  /** Bytes that must stay free on the disk after an upload. */
  readonly minFreeBytes: number;
  /** Calls of each endpoint since the start. */
  readonly requests: Readonly<Record<Endpoint, number>>;
  /** Seconds of a clip among the uploads; `undefined` when it cannot be read. */
  readonly durationOf: (fileName: string) => Promise<number | undefined>;
  readonly log: (line: string) => void;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** What hono knows of a request: the raw socket's ends, and whose key it carries. */
export interface HttpEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { key: string };
}

/** The address by which this caller reaches the sandbox; all URLs handed out begin with it. */
export function originOf(context: Context<HttpEnv>): string {
  return new URL(context.req.url).origin;
}

import { createHash } from 'node:crypto';

/** A key that the sandbox knows. The key itself is never kept. */
export interface Account {
  /** Fingerprint: 12 hex digits of the key's SHA-256, by which jobs and charges name it. */
  readonly key: string;
  /** SHA-256 of the key, hex. */
  readonly digest: string;
  /** A key of the sandbox's options is accepted while it is among them, others for ever. */
  readonly origin: 'options' | 'admin';
  readonly clientId: string;
  readonly note: string | undefined;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly enabled: boolean;
}

/** What happened to an account; one line of `accounts.jsonl` each. `at` is ISO 8601, UTC. */
export type AccountEvent =
  | {
      readonly type: 'added';
      readonly at: string;
      readonly digest: string;
      readonly origin: 'options' | 'admin';
      readonly clientId: string;
      readonly note?: string;
    }
  | {
      readonly type: 'switched';
      readonly at: string;
      readonly key: string;
      readonly enabled: boolean;
    }
  | {
      readonly type: 'credited';
      readonly at: string;
      readonly key: string;
      readonly credits: number;
      /** ISO 8601, UTC; absent for credits that stay. */
      readonly expiresAt?: string;
    };

export function digestOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}

export function fingerprintOf(digest: string): string {
  return digest.slice(0, 12);
}

import { randomBytes } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import { openAppendLog } from '../disk/appendLog.ts';
import { digestOf, fingerprintOf, type Account, type AccountEvent } from './account.ts';

/** The keys and top-ups of a data folder: in memory to be read, in a journal to survive. */
export interface AccountBook {
  /** The account of a key that is accepted here; a disabled one is found, too. */
  find(apiKey: string): Account | undefined;
  get(key: string): Account | undefined;
  /** Accounts whose keys are accepted here, oldest first. */
  all(): readonly Account[];
  /** Makes a new key. It is told once, here, and kept nowhere. */
  create(
    clientId: string,
    note: string | undefined,
  ): Promise<{ readonly apiKey: string; readonly key: string }>;
  /** @returns `undefined` when no such account is accepted here */
  switch(key: string, enabled: boolean): Promise<Account | undefined>;
  /** Makes a top-up durable. The caller adds it to the wallet. */
  recordCredit(event: CreditEvent): Promise<void>;
  /** Top-ups ever made, oldest first. */
  readonly credits: readonly CreditEvent[];
  close(): Promise<void>;
}

export type CreditEvent = Extract<AccountEvent, { type: 'credited' }>;

/**
 * Opens the account journal and plays it back. A key of the options is accepted while it is among
 * them; one made by the admin door is accepted for as long as the folder lives.
 */
export async function openAccountBook(
  path: string,
  optionKeys: readonly string[],
  clock: Clock,
): Promise<AccountBook> {
  const { log, entries } = await openAppendLog<AccountEvent>(path, true);
  const accounts = new Map<string, Account>();
  const credits: CreditEvent[] = [];
  const fromOptions = new Set(optionKeys.map(digestOf));
  const now = (): string => new Date(clock.now()).toISOString();

  function apply(event: AccountEvent): void {
    switch (event.type) {
      case 'added': {
        const { at: createdAt, digest, origin, clientId, note } = event;
        const key = fingerprintOf(digest);
        const account = { key, digest, origin, clientId, note, createdAt, enabled: true };
        accounts.set(key, account);
        return;
      }
      case 'switched': {
        const account = accounts.get(event.key);
        if (account) accounts.set(event.key, { ...account, enabled: event.enabled });
        return;
      }
      case 'credited':
        credits.push(event);
    }
  }

  async function record(event: AccountEvent): Promise<void> {
    await log.append([event]);
    apply(event);
  }

  function accepted(account: Account | undefined): Account | undefined {
    if (account?.origin === 'options' && !fromOptions.has(account.digest)) return undefined;
    return account;
  }

  for (const event of entries) apply(event);
  for (const digest of fromOptions) {
    if (accounts.has(fingerprintOf(digest))) continue;
    await record({ type: 'added', at: now(), digest, origin: 'options', clientId: 'sandbox' });
  }

  return {
    credits,
    find(apiKey) {
      const digest = digestOf(apiKey);
      const account = accepted(accounts.get(fingerprintOf(digest)));
      return account?.digest === digest ? account : undefined;
    },
    get: (key) => accepted(accounts.get(key)),
    all: () => Array.from(accounts.values()).filter((account) => accepted(account)),
    async create(clientId, note) {
      const apiKey = `rbgv_sandbox_${randomBytes(16).toString('hex')}`;
      const digest = digestOf(apiKey);
      const event: AccountEvent = { type: 'added', at: now(), digest, origin: 'admin', clientId };
      await record(note === undefined ? event : { ...event, note });
      return { apiKey, key: fingerprintOf(digest) };
    },
    async switch(key, enabled) {
      if (!accepted(accounts.get(key))) return undefined;
      await record({ type: 'switched', at: now(), key, enabled });
      return accounts.get(key);
    },
    recordCredit: record,
    close: () => log.close(),
  };
}

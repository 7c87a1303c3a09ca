import { keyFingerprint } from '../core/jobKey.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';

/** The service by one key, with and without retries. */
export interface Connection {
  readonly api: Api;
  readonly apiOnce: Api;
}

/**
 * The keys of one account space. A job can be seen only by the key that created it (vendor page:
 * list jobs), so that older keys stay of use while their jobs are under way.
 */
export interface KeyRing {
  /** By the key for new work; another one after `renew`. */
  readonly current: Connection;
  /** By each key that is not the current one. */
  readonly former: readonly Connection[];
  /** By the key with that fingerprint; `undefined` when it was not given. */
  connectionFor(fingerprint: string): Connection | undefined;
  /**
   * The service refuses a key: reads the key's source again, and takes what is there if it is
   * another one and a read-only call succeeds with it.
   *
   * @returns whether new work has a key that was not refused
   */
  renew(refused: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * @param options.reread the key as its source has it now; `undefined` when there is none
 */
export function createKeyRing(options: {
  readonly apiKey: string;
  readonly previousKeys: readonly string[];
  readonly connect: (apiKey: string) => Connection;
  readonly reread: () => string | undefined;
}): KeyRing {
  const { connect } = options;
  let current = connect(options.apiKey);
  const byFingerprint = new Map<string, Connection>();
  for (const key of options.previousKeys) byFingerprint.set(keyFingerprint(key), connect(key));
  byFingerprint.set(current.api.keyFingerprint, current);
  let renewal: Promise<boolean> | undefined;

  async function tryNewKey(signal: AbortSignal): Promise<boolean> {
    const apiKey = options.reread();
    if (apiKey === undefined || keyFingerprint(apiKey) === current.api.keyFingerprint) return false;
    const next = connect(apiKey);
    try {
      await next.apiOnce.listJobs({ limit: 1, offset: 0 }, signal);
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
    byFingerprint.set(next.api.keyFingerprint, next);
    current = next;
    return true;
  }

  return {
    get current() {
      return current;
    },
    get former() {
      return [...byFingerprint.values()].filter((connection) => connection !== current);
    },
    connectionFor: (fingerprint) => byFingerprint.get(fingerprint),
    async renew(refused, signal) {
      // Clips fail together: the first one asks, and who comes late finds another key in place.
      if (refused !== current.api.keyFingerprint) return true;
      renewal ??= tryNewKey(signal).finally(() => (renewal = undefined));
      return renewal;
    },
  };
}

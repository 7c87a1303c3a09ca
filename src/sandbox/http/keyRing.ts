import { createHash } from 'node:crypto';

/** The API keys a sandbox accepts. Holds digests only, so that nothing can print a key. */
export interface KeyRing {
  /** 12 hex digits of the key's SHA-256, by which jobs and charges know it; `undefined` if unknown. */
  fingerprintOf(key: string): string | undefined;
}

export function createKeyRing(keys: readonly string[]): KeyRing {
  const digests = new Set(keys.map(digestOf));
  return {
    fingerprintOf(key) {
      const digest = digestOf(key);
      return digests.has(digest) ? digest.slice(0, 12) : undefined;
    },
  };
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

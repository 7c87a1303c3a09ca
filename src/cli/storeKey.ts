import { storeInKeychain } from '../config/keychain.ts';
import type { ConfigStore } from '../config/store.ts';
import { systemClock } from '../core/clock.ts';

/** Former keys that are kept for the jobs they created. */
const MOST_PREVIOUS_KEYS = 3;

/**
 * Stores a profile's key: in the settings file, which only its owner can read, or in the system's
 * keychain, where former keys are not kept.
 *
 * @returns the former keys that are kept
 * @throws RbgvError `no_keychain`
 */
export function storeKey(
  store: ConfigStore,
  name: string,
  apiKey: string,
  inKeychain: boolean,
): readonly string[] {
  const { apiKey: former, apiKeyInKeychain: _place, ...known } = store.profile(name) ?? {};
  const apiKeySetAt = new Date(systemClock.now()).toISOString();
  if (inKeychain) {
    storeInKeychain(name, apiKey);
    const { previousApiKeys: _old, ...rest } = known;
    store.setProfile(name, { ...rest, apiKeyInKeychain: true, apiKeySetAt });
    return [];
  }
  const previousApiKeys = [former ?? [], known.previousApiKeys ?? []]
    .flat()
    .filter((key) => key !== apiKey)
    .slice(0, MOST_PREVIOUS_KEYS);
  store.setProfile(name, { ...known, apiKey, apiKeySetAt, previousApiKeys });
  return previousApiKeys;
}

import { readEnvironment } from '../../config/environment.ts';
import { checkBaseUrl, checkKey, PRODUCTION_URL } from '../../config/profile.ts';
import { openConfigStore } from '../../config/store.ts';
import { keyFingerprint } from '../../core/jobKey.ts';
import { exitCode } from '../exitCodes.ts';
import { storeKey } from '../storeKey.ts';
import { readSecret } from '../readSecret.ts';
import { createTerminal } from '../terminal.ts';
import { doctor } from './doctor.ts';
import { estimate } from './estimate.ts';

export interface InitOptions {
  /** Clips for a first estimate. */
  readonly paths: readonly string[];
  /** Store the key in the system's keychain. */
  readonly keychain?: boolean;
  readonly profile?: string | undefined;
}

const CHECK_TIMEOUT_MS = 30_000;

/**
 * `rbgv init`: the first run. Takes a key, shows with one free request that it is good, stores it,
 * looks at the machine, and prices clips if some are given.
 *
 * @throws ApiError of category `auth` when the service refuses the key; nothing is stored then
 */
export async function init(options: InitOptions): Promise<number> {
  const environment = readEnvironment();
  const terminal = createTerminal(environment);
  const store = openConfigStore(environment.configDir);
  const name = options.profile ?? 'production';
  const key = (await readSecret(`API key for ${name} (empty: use the sandbox): `, terminal)).trim();
  if (key === '') {
    terminal.err('no key: rbgv works in its local sandbox; `rbgv init` can be run again any time');
  } else {
    terminal.hide(checkKey(key));
    const stored = store.profile(name);
    const baseUrl = checkBaseUrl(environment.baseUrl ?? stored?.baseUrl ?? PRODUCTION_URL);
    const { createHttpApi } = await import('../../api/httpApi.ts');
    const api = createHttpApi({ baseUrl, apiKey: key, userAgent: 'rbgv' });
    await api.usageSummary(1, AbortSignal.timeout(CHECK_TIMEOUT_MS));
    storeKey(store, name, key, options.keychain ?? false);
    terminal.err(`the service takes this key; stored for \`${name}\` (${keyFingerprint(key)})`);
  }
  const asked = key === '' ? { profile: 'sandbox' } : { profile: name };
  const code = await doctor(asked);
  if (code !== exitCode('ok')) return code;
  if (options.paths.length > 0) return estimate({ paths: options.paths, ...asked });
  terminal.err('\nnext: rbgv estimate <folder>');
  return exitCode('ok');
}

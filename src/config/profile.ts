import { RbgvError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { findInKeychain } from './keychain.ts';
import { readPrivateFile } from './privateFile.ts';
import type { ConfigStore } from './store.ts';

/** Which service a command talks to. */
export type Profile =
  /** The server inside this process: needs no key and no network, spends nothing. */
  | {
      readonly kind: 'sandbox';
      readonly name: 'sandbox';
      readonly label: string;
      readonly scope: 'sandbox';
    }
  | {
      readonly kind: 'remote';
      readonly name: string;
      /** The name for people: with the address, when that is not the profile's own. */
      readonly label: string;
      /** Account space in the ledger: the service's origin. */
      readonly scope: string;
      readonly baseUrl: string;
      readonly apiKey: string;
      /** For jobs that an older key created. */
      readonly previousKeys: readonly string[];
      readonly keyFrom: 'environment' | 'key file' | 'keychain' | 'stored profile';
    };

const SANDBOX: Profile = {
  kind: 'sandbox',
  name: 'sandbox',
  label: 'sandbox',
  scope: 'sandbox',
};

/** The service's address (vendor page: introduction). */
export const PRODUCTION_URL = 'https://api.removebgvideo.com';

/**
 * Chooses the profile: the one asked for by flag, environment or stored setting; else `production`
 * when a key for it is known; else the sandbox.
 *
 * @throws RbgvError `no_api_key` (category auth) for a profile asked for by name without its key;
 * never falls back to the sandbox then
 */
export function chooseProfile(
  flag: string | undefined,
  environment: Environment,
  store: ConfigStore,
): Profile {
  const asked = flag ?? environment.profile ?? store.setting('profile');
  if (asked === 'sandbox') return SANDBOX;
  if (asked !== undefined) return remoteProfile(asked, environment, store);
  return findKey('production', environment, store) === undefined
    ? SANDBOX
    : remoteProfile('production', environment, store);
}

function remoteProfile(name: string, environment: Environment, store: ConfigStore): Profile {
  const stored = store.profile(name);
  const address = environment.baseUrl ?? stored?.baseUrl;
  if (address === undefined && name !== 'production') {
    throw new RbgvError('usage', 'unknown_profile', `there is no profile \`${name}\``, {
      hint: `known: ${['sandbox', 'production', ...store.profileNames()].join(', ')}; make one with \`rbgv config set-profile ${name} <url>\``,
    });
  }
  const key = findKey(name, environment, store);
  if (key === undefined) {
    throw new RbgvError('auth', 'no_api_key', `profile \`${name}\` has no API key`, {
      hint: `set REMOVEBGVIDEO_API_KEY, or store one with \`rbgv config set-key ${name}\``,
    });
  }
  const baseUrl = checkBaseUrl(address ?? PRODUCTION_URL);
  return {
    kind: 'remote',
    name,
    label: environment.baseUrl === undefined ? name : `${name} at ${new URL(baseUrl).host}`,
    scope: baseUrl,
    baseUrl,
    apiKey: checkKey(key.apiKey),
    previousKeys: key.previousKeys.map(checkKey),
    keyFrom: key.keyFrom,
  };
}

interface FoundKey {
  readonly apiKey: string;
  readonly previousKeys: readonly string[];
  readonly keyFrom: Extract<Profile, { kind: 'remote' }>['keyFrom'];
}

/**
 * The environment speaks for `production` first; a profile of the user's own keeps its stored key,
 * so that a production key in the environment never travels to another server.
 */
function findKey(name: string, environment: Environment, store: ConfigStore): FoundKey | undefined {
  const fromEnvironment = (): FoundKey | undefined => {
    const { apiKeyFile, apiKey, previousApiKeyFiles } = environment;
    const previous = (): readonly string[] => previousApiKeyFiles.map(readKeyFile);
    if (apiKeyFile !== undefined) {
      return { apiKey: readKeyFile(apiKeyFile), previousKeys: previous(), keyFrom: 'key file' };
    }
    if (apiKey === undefined) return undefined;
    return { apiKey, previousKeys: previous(), keyFrom: 'environment' };
  };
  const fromStore = (): FoundKey | undefined => {
    const stored = store.profile(name);
    const previousKeys = stored?.previousApiKeys ?? [];
    if (stored?.apiKeyFile !== undefined) {
      return { apiKey: readKeyFile(stored.apiKeyFile), previousKeys, keyFrom: 'key file' };
    }
    if (stored?.apiKeyInKeychain === true) {
      const apiKey = findInKeychain(name);
      return apiKey === undefined ? undefined : { apiKey, previousKeys, keyFrom: 'keychain' };
    }
    if (stored?.apiKey === undefined) return undefined;
    return { apiKey: stored.apiKey, previousKeys, keyFrom: 'stored profile' };
  };
  return name === 'production'
    ? (fromEnvironment() ?? fromStore())
    : (fromStore() ?? fromEnvironment());
}

function readKeyFile(path: string): string {
  try {
    return readPrivateFile(path);
  } catch (error) {
    if (error instanceof RbgvError) throw error;
    throw new RbgvError('auth', 'no_api_key', `cannot read the key file \`${path}\``, {
      cause: error,
    });
  }
}

/**
 * A key fit for an HTTP header, white space around it removed.
 *
 * @throws RbgvError `bad_api_key`, before any request is made
 */
export function checkKey(text: string): string {
  const key = text.trim();
  if (!/^[\x21-\x7e]{1,512}$/.test(key)) {
    throw new RbgvError(
      'auth',
      'bad_api_key',
      'the API key is empty or holds characters no key has',
      {
        hint: 'copy it again from the dashboard; it is one line of plain letters, digits and signs',
      },
    );
  }
  return key;
}

/**
 * The origin of a service: `https`, or `http` on this machine.
 *
 * @throws RbgvError `bad_base_url`
 */
export function checkBaseUrl(text: string): string {
  const refuse = (reason: string): RbgvError =>
    new RbgvError('usage', 'bad_base_url', `the base URL \`${text}\` is refused: ${reason}`, {
      hint: `for example ${PRODUCTION_URL}, or http://127.0.0.1:8787 for a local sandbox`,
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('it is no URL');
  }
  const isLocal =
    url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
    throw refuse('only https is allowed, and http on this machine');
  }
  if (url.username !== '' || url.password !== '') throw refuse('it carries a user name');
  if (!/^\/*$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw refuse('it carries a path or a query');
  }
  return url.origin;
}

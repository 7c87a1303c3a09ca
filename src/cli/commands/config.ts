import { readEnvironment } from '../../config/environment.ts';
import { forgetInKeychain } from '../../config/keychain.ts';
import { checkBaseUrl, checkKey } from '../../config/profile.ts';
import { readProjectFile } from '../../config/projectFile.ts';
import {
  openConfigStore,
  STORED_SETTINGS,
  type ConfigStore,
  type StoredSetting,
} from '../../config/store.ts';
import { RbgvError } from '../../core/errors.ts';
import { keyFingerprint } from '../../core/jobKey.ts';
import { exitCode } from '../exitCodes.ts';
import { keyAge } from '../keyAge.ts';
import { storeKey } from '../storeKey.ts';
import { readSecret } from '../readSecret.ts';
import { readRunDefaults } from '../runDefaults.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

/** A key lives for a month or more, a job for hours. */
/** `rbgv config …`: stored settings, profiles and keys. Keys are never shown, not even in part. */
export async function config(
  action: string,
  args: readonly string[],
  inKeychain = false,
): Promise<number> {
  const environment = readEnvironment();
  const terminal = createTerminal(environment);
  const store = openConfigStore(environment.configDir);
  const [first = '', second = ''] = args;
  switch (action) {
    case 'list':
      list(store, terminal);
      break;
    case 'path':
      terminal.out(store.path);
      break;
    case 'get': {
      const value = store.setting(settingName(first));
      if (value !== undefined) terminal.out(value);
      break;
    }
    case 'set':
      setSetting(store, settingName(first), second);
      break;
    case 'unset':
      store.setSetting(settingName(first), undefined);
      break;
    case 'set-profile':
      store.setProfile(profileName(first), {
        ...store.profile(first),
        baseUrl: checkBaseUrl(second),
      });
      break;
    case 'set-key': {
      const name = profileName(first === '' ? 'production' : first);
      const apiKey = checkKey(await readSecret(`API key for profile ${name}: `, terminal));
      const previousApiKeys = storeKey(store, name, apiKey, inKeychain);
      terminal.err(`stored for profile \`${name}\` (fingerprint ${keyFingerprint(apiKey)})`);
      if (previousApiKeys.length > 0) {
        terminal.err('the one before it is kept for the jobs it created; unset-key forgets both');
      }
      break;
    }
    case 'unset-key': {
      const name = profileName(first === '' ? 'production' : first);
      const known = store.profile(name) ?? {};
      if (known.apiKeyInKeychain === true) forgetInKeychain(name);
      const {
        apiKey: _key,
        apiKeyInKeychain: _place,
        apiKeySetAt: _at,
        previousApiKeys: _old,
        ...rest
      } = known;
      store.setProfile(name, Object.keys(rest).length === 0 ? undefined : rest);
      break;
    }
  }
  return exitCode('ok');
}

/** Settings as they hold in this folder, each with where it comes from. */
function list(store: ConfigStore, terminal: Terminal): void {
  const project = readProjectFile(process.cwd());
  for (const name of STORED_SETTINGS) {
    const value = project.setting(name) ?? store.setting(name);
    if (value === undefined) continue;
    // Such an address often is its own password.
    const shown = name === 'alert-url' ? new URL(value).host : value;
    const from = project.setting(name) === undefined ? '' : `  (${project.path ?? ''})`;
    terminal.out(`${name} = ${terminal.safe(shown)}${terminal.safe(from)}`);
  }
  terminal.out('profile sandbox: built in, needs no key');
  for (const name of new Set(['production', ...store.profileNames()])) {
    const profile = store.profile(name) ?? {};
    const key =
      profile.apiKeyInKeychain === true
        ? `key in the system's keychain, stored ${keyAge(profile.apiKeySetAt)}`
        : profile.apiKey === undefined
          ? profile.apiKeyFile === undefined
            ? 'no stored key'
            : `key file ${terminal.safe(profile.apiKeyFile)}`
          : `key ${keyFingerprint(profile.apiKey)} stored ${keyAge(profile.apiKeySetAt)}`;
    const older = profile.previousApiKeys?.length ?? 0;
    const olderKeys = older === 0 ? '' : `, older keys kept: ${older}`;
    const url = profile.baseUrl === undefined ? '' : `, ${terminal.safe(profile.baseUrl)}`;
    terminal.out(`profile ${terminal.safe(name)}: ${key}${olderKeys}${url}`);
  }
}

function settingName(text: string): StoredSetting {
  const name = STORED_SETTINGS.find((known) => known === text);
  if (name !== undefined) return name;
  throw new RbgvError('usage', 'unknown_setting', `there is no setting \`${text}\``, {
    hint: `known: ${STORED_SETTINGS.join(', ')}`,
  });
}

/** Refuses a value now rather than at the next run. */
function setSetting(store: ConfigStore, name: StoredSetting, value: string): void {
  readRunDefaults({}, { setting: (asked) => (asked === name ? value : undefined) });
  store.setSetting(name, value);
}

function profileName(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(text) && text !== 'sandbox') return text;
  throw new RbgvError('usage', 'bad_profile_name', `\`${text}\` cannot be the name of a profile`, {
    hint: 'letters, digits, dots and dashes; the sandbox is built in and has no settings',
  });
}

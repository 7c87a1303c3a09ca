import { chmodSync } from 'node:fs';

import Conf from 'conf';

import { RbgvError } from '../core/errors.ts';
import type { LearnedModel } from '../core/learnedModel.ts';

/** A profile as stored: where requests go, and with which key. */
export interface StoredProfile {
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly apiKeyFile?: string;
  /** The key is in the system's keychain, under the profile's name. */
  readonly apiKeyInKeychain?: true;
  /** Keys that were stored before, newest first: their jobs may still be under way. */
  readonly previousApiKeys?: readonly string[];
  /** ISO date-time at which the key was stored. */
  readonly apiKeySetAt?: string;
}

/** Defaults a user may store; flags and environment win over them. */
export const STORED_SETTINGS = [
  'profile',
  'model',
  'format',
  'background',
  'output-dir',
  'concurrency',
  'max-credits',
  'max-credits-day',
  'max-credits-month',
  'alert-at',
  'alert-url',
] as const;
export type StoredSetting = (typeof STORED_SETTINGS)[number];

interface Stored {
  settings: Partial<Record<StoredSetting, string>>;
  profiles: Record<string, StoredProfile>;
  engine?: LearnedModel;
}

/** The stored configuration: one private file. Settings only, never job state. */
export interface ConfigStore {
  readonly path: string;
  setting(name: StoredSetting): string | undefined;
  setSetting(name: StoredSetting, value: string | undefined): void;
  profile(name: string): StoredProfile | undefined;
  setProfile(name: string, profile: StoredProfile | undefined): void;
  profileNames(): readonly string[];
  /** The learned model that the local engine works with; `undefined` for the built-in ways. */
  engine(): LearnedModel | undefined;
  setEngine(engine: LearnedModel | undefined): void;
}

/**
 * Opens the stored configuration; a missing file is an empty one.
 *
 * @throws RbgvError `config_unreadable` when it is not valid JSON
 */
export function openConfigStore(configDir: string): ConfigStore {
  let conf: Conf<Stored>;
  try {
    conf = new Conf<Stored>({
      cwd: configDir,
      configName: 'config',
      projectName: 'rbgv',
      projectSuffix: '',
      configFileMode: 0o600,
      defaults: { settings: {}, profiles: {} },
      // Profile names may hold dots.
      accessPropertiesByDotNotation: false,
    });
  } catch (error) {
    throw new RbgvError(
      'usage',
      'config_unreadable',
      `cannot read the settings in \`${configDir}\``,
      {
        hint: 'mend or remove config.json there',
        cause: error,
      },
    );
  }
  // A file that an earlier umask left open may hold a key by now.
  const protect = (): void => chmodSync(conf.path, 0o600);
  return {
    path: conf.path,
    setting: (name) => conf.get('settings')[name],
    setSetting(name, value) {
      const { [name]: _old, ...others } = conf.get('settings');
      conf.set('settings', value === undefined ? others : { ...others, [name]: value });
      protect();
    },
    profile: (name) => conf.get('profiles')[name],
    setProfile(name, profile) {
      const { [name]: _old, ...others } = conf.get('profiles');
      conf.set('profiles', profile === undefined ? others : { ...others, [name]: profile });
      protect();
    },
    profileNames: () => Object.keys(conf.get('profiles')),
    engine: () => conf.get('engine'),
    setEngine(engine) {
      if (engine === undefined) conf.delete('engine');
      else conf.set('engine', engine);
      protect();
    },
  };
}

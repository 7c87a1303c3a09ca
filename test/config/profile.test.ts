import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { loadDotEnv, readEnvironment, type Environment } from '../../src/config/environment.ts';
import { checkBaseUrl, checkKey, chooseProfile } from '../../src/config/profile.ts';
import { openConfigStore, type ConfigStore } from '../../src/config/store.ts';

let folder: string;
let store: ConfigStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-config-'));
  store = openConfigStore(folder);
  return () => rm(folder, { recursive: true, force: true });
});

const environment = (changes: Partial<Environment> = {}): Environment => ({
  apiKey: undefined,
  apiKeyFile: undefined,
  previousApiKeyFiles: [],
  baseUrl: undefined,
  profile: undefined,
  stateDir: '/nowhere',
  configDir: '/nowhere',
  ffmpegPath: undefined,
  ffprobePath: undefined,
  searchPath: '',
  sandboxAdminToken: undefined,
  webhookSecret: undefined,
  webhookSecretFile: undefined,
  sandboxWebhookSecret: undefined,
  httpsProxy: undefined,
  isCi: false,
  isDumb: false,
  noColour: false,
  ...changes,
});

describe('the profile', () => {
  test('is the sandbox while no key is known', () => {
    expect(chooseProfile(undefined, environment(), store).name).toBe('sandbox');
  });

  test('is production as soon as a key is known, and the flag wins over it', () => {
    const withKey = environment({ apiKey: 'k1' });
    expect(chooseProfile(undefined, withKey, store)).toMatchObject({
      name: 'production',
      apiKey: 'k1',
      baseUrl: 'https://api.removebgvideo.com',
      keyFrom: 'environment',
    });
    expect(chooseProfile('sandbox', withKey, store).name).toBe('sandbox');
  });

  test('asked for by name without its key is an error, never the sandbox', () => {
    for (const ask of [
      () => chooseProfile('production', environment(), store),
      () => chooseProfile(undefined, environment({ profile: 'production' }), store),
    ]) {
      expect(ask).toThrow(expect.objectContaining({ category: 'auth', code: 'no_api_key' }));
    }
  });

  test('of one’s own keeps its own key, whatever key the environment holds', () => {
    store.setProfile('staging', { baseUrl: 'https://staging.example.com', apiKey: 'k-staging' });
    const chosen = chooseProfile('staging', environment({ apiKey: 'k-production' }), store);
    expect(chosen).toMatchObject({
      apiKey: 'k-staging',
      scope: 'https://staging.example.com',
      keyFrom: 'stored profile',
    });
  });

  test('nobody made is an error that names the known ones', () => {
    expect(() => chooseProfile('stagin', environment({ apiKey: 'k' }), store)).toThrow(
      expect.objectContaining({ code: 'unknown_profile' }),
    );
  });

  test('takes its key from a private file, and refuses one that others can read', async () => {
    const path = join(folder, 'key');
    await writeFile(path, ' k-file \n', { mode: 0o600 });
    const given = environment({ apiKeyFile: path, apiKey: 'k-env' });
    expect(chooseProfile(undefined, given, store)).toMatchObject({ apiKey: 'k-file' });
    await chmod(path, 0o644);
    expect(() => chooseProfile(undefined, given, store)).toThrow('other users can read');
  });

  test('keeps older keys for the jobs that they created, each from a place as private', async () => {
    const paths = ['one', 'two'].map((name) => join(folder, name));
    for (const path of paths) await writeFile(path, `k-${path.slice(-3)}\n`, { mode: 0o600 });
    const given = environment({ apiKey: 'k-now', previousApiKeyFiles: paths });
    expect(chooseProfile(undefined, given, store)).toMatchObject({
      apiKey: 'k-now',
      previousKeys: ['k-one', 'k-two'],
    });
    // They belong to the service of the key beside them, and never travel to another.
    store.setProfile('staging', { baseUrl: 'https://staging.example.com', apiKey: 'k-staging' });
    expect(chooseProfile('staging', given, store)).toMatchObject({ previousKeys: [] });
    await chmod(paths[1] ?? '', 0o644);
    expect(() => chooseProfile(undefined, given, store)).toThrow('other users can read');
  });

  test('sees a key that was changed in .env since', async () => {
    onTestFinished(() => {
      delete process.env['REMOVEBGVIDEO_API_KEY'];
    });
    const write = (key: string): Promise<void> =>
      writeFile(join(folder, '.env'), `REMOVEBGVIDEO_API_KEY=${key}\n`, { mode: 0o600 });
    for (const key of ['k-first', 'k-second']) {
      await write(key);
      loadDotEnv(folder);
      expect(readEnvironment().apiKey).toBe(key);
    }
  });
});

describe('stored settings', () => {
  test('lie in a private file and survive', async () => {
    store.setProfile('production', { apiKey: 'k' });
    store.setSetting('model', 'human');
    expect((await stat(store.path)).mode & 0o077).toBe(0);
    const reopened = openConfigStore(folder);
    expect([reopened.setting('model'), reopened.profile('production')?.apiKey]).toEqual([
      'human',
      'k',
    ]);
  });

  test('that are broken are reported, not replaced', async () => {
    store.setSetting('model', 'human');
    await writeFile(store.path, '{ broken');
    expect(() => openConfigStore(folder)).toThrow(
      expect.objectContaining({ code: 'config_unreadable' }),
    );
  });
});

test.each(['', ' ', 'a\r\nX-Evil: 1', 'clé', 'a b', 'x'.repeat(600), 'a\0b'])(
  'a key like %j is refused before any request',
  (key) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'bad_api_key' }));
  },
);

test.each([
  'http://api.example.com',
  'ftp://api.example.com',
  'https://user@api.example.com',
  'https://api.example.com/v1',
  'https://api.example.com?x=1',
  'api.example.com',
])('a base URL like %s is refused', (url) => {
  expect(() => checkBaseUrl(url)).toThrow(expect.objectContaining({ code: 'bad_base_url' }));
});

test('a base URL may end in a slash, and be plain http on this machine', () => {
  expect(checkBaseUrl('https://api.example.com/')).toBe('https://api.example.com');
  expect(checkBaseUrl('http://127.0.0.1:8787')).toBe('http://127.0.0.1:8787');
});

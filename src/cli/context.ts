import { join } from 'node:path';
import { readFile } from 'node:fs/promises';

import packageJson from '../../package.json' with { type: 'json' };
import type { Api } from '../api/api.ts';
import type { OutageMemory } from '../api/breaker.ts';
import type { KeyRing } from '../api/keyRing.ts';
import type { RateState } from '../api/rateState.ts';
import { loadDotEnv, readEnvironment, type Environment } from '../config/environment.ts';
import { chooseProfile, type Profile } from '../config/profile.ts';
import { readProjectFile } from '../config/projectFile.ts';
import { openConfigStore, type ConfigStore } from '../config/store.ts';
import type { ClipRule } from '../core/clipRule.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { RbgvError } from '../core/errors.ts';
import type { Tariff } from '../core/estimate.ts';
import type { Report } from '../core/events.ts';
import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { placeName } from './placeName.ts';
import { logRequests } from './debugLog.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export const VERSION: string = packageJson.version;

/** What every command takes. */
export interface GlobalOptions {
  readonly profile?: string | undefined;
  /** Show every request on standard error. */
  readonly debug?: boolean;
  /** The same into a file. */
  readonly debugFile?: string;
}

/**
 * What a command works with. The costly parts are made on demand, so that `--version` and a usage
 * error load none of them.
 */
export interface Context {
  readonly environment: Environment;
  /** What is stored; of its settings those of the project's own file win. */
  readonly store: ConfigStore;
  /** The project's, in the order of its file. */
  readonly clipRules: readonly ClipRule[];
  readonly profile: Profile;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Depends on: environment. */
  tools(): Promise<FfmpegTools>;
  /** Depends on: environment. */
  ledger(): Promise<Ledger>;
  /**
   * Depends on: profile, tools (sandbox only). The caller closes it. An `idle` sandbox answers
   * questions and leaves unfinished jobs alone. `bwlimit` is for uploads and downloads together, in
   * bytes a second.
   */
  openService(report: Report, options?: ServiceOptions): Promise<Service>;
  /** Depends on: a service, or none when it could not be opened. */
  tariff(service: Service | undefined, signal: AbortSignal): Promise<Tariff>;
}

export interface ServiceOptions {
  readonly idle?: boolean;
  readonly bwlimit?: number | undefined;
  /** Where the service tells of the jobs made in this connection. */
  readonly webhookUrl?: string | undefined;
}

/** A connection to the chosen profile's service. */
export interface Service {
  /** By the key for new work. Shares one rate, waits through outages, repeats what is free to repeat. */
  readonly api: Api;
  /** The same without retries. */
  readonly apiOnce: Api;
  /** For jobs that another key created, and for a key that is refused. */
  readonly keys: KeyRing;
  /** For questions that the API's interface does not know. */
  readonly connection: { baseUrl: string; apiKey: string; userAgent: string };
  /** Milliseconds an unclear start may still be carried out. */
  readonly quietMs: number;
  close(): Promise<void>;
}

/** Time limit of a start plus half a minute (RELIABILITY: quiet time). */
const QUIET_MS = 90_000;
/** The embedded server dies with this process, and its sockets with it: nothing can arrive late. */
const EMBEDDED_QUIET_MS = 1_000;

/**
 * The composition root: the only place that knows every room.
 *
 * @throws RbgvError of category `usage` or `auth` for settings that cannot work
 */
export function createContext(flags: GlobalOptions): Context {
  const environment = readEnvironment();
  const terminal = createTerminal(environment);
  if (environment.apiKey !== undefined) terminal.hide(environment.apiKey);
  const project = readProjectFile(process.cwd());
  const stored = openConfigStore(environment.configDir);
  const store: ConfigStore = {
    ...stored,
    setting: (name) => project.setting(name) ?? stored.setting(name),
  };
  const profile = chooseProfile(flags.profile, environment, store);
  if (profile.kind === 'remote') {
    for (const key of [profile.apiKey, ...profile.previousKeys]) terminal.hide(key);
  }
  const clock = systemClock;
  if (flags.debug === true || flags.debugFile !== undefined) {
    logRequests(flags.debugFile, terminal, clock);
  }

  const tools = once(async () => {
    const { locateTools } = await import('../media/locateTools.ts');
    const { ffmpegPath, ffprobePath, searchPath } = environment;
    return locateTools({
      searchPath,
      ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
      ...(ffprobePath === undefined ? {} : { ffprobePath }),
    });
  });

  const ledger = once(async () => {
    const { openLedger } = await import('../ledger/ledger.ts');
    return openLedger(environment.stateDir, clock);
  });

  return {
    environment,
    store,
    clipRules: project.rules,
    profile,
    terminal,
    clock,
    tools,
    ledger,

    async openService(report, options = {}) {
      const { createHttpApi } = await import('../api/httpApi.ts');
      const { createKeyRing } = await import('../api/keyRing.ts');
      const { withRetries } = await import('../api/withRetries.ts');
      const { withTraffic } = await import('../api/withTraffic.ts');
      const { withBandwidth } = await import('../api/withBandwidth.ts');
      const { openOutageMemory } = await import('./outageMemory.ts');
      const { openSharedRecord } = await import('../ledger/sharedRecord.ts');
      const userAgent = `rbgv/${VERSION} node/${process.versions.node}`;
      const connect = (
        baseUrl: string,
        apiKey: string,
        previousKeys: readonly string[],
        memory?: OutageMemory,
      ): Omit<Service, 'quietMs' | 'close'> => {
        const deps = { clock, random: Math.random, report };
        const { bwlimit, webhookUrl } = options;
        const keys = createKeyRing({
          apiKey,
          previousKeys,
          connect(key) {
            const http = createHttpApi({
              ...{ baseUrl, apiKey: key, userAgent },
              ...(webhookUrl === undefined ? {} : { webhookUrl }),
            });
            const transfers = bwlimit === undefined ? http : withBandwidth(http, bwlimit, clock);
            const rate = `rate-${placeName(profile.scope)}-${http.keyFingerprint}.db`;
            const shared =
              memory === undefined
                ? {}
                : { memory, record: openSharedRecord<RateState>(join(environment.stateDir, rate)) };
            const apiOnce = withTraffic(transfers, { ...deps, ...shared });
            return { apiOnce, api: withRetries(apiOnce, deps) };
          },
          reread: () => rereadKey(flags.profile, baseUrl, store, terminal),
        });
        return { connection: { baseUrl, apiKey, userAgent }, keys, ...keys.current };
      };
      if (profile.kind === 'remote') {
        const { baseUrl, apiKey, previousKeys } = profile;
        return {
          ...connect(
            baseUrl,
            apiKey,
            previousKeys,
            openOutageMemory(environment.stateDir, profile.scope),
          ),
          quietMs: QUIET_MS,
          close: () => Promise.resolve(),
        };
      }
      const { startLocalSandbox, idleWork, SANDBOX_KEY } = await import('./localSandbox.ts');
      const sandbox = await startLocalSandbox(
        {
          dataDir: join(environment.stateDir, 'sandbox'),
          ...(options.idle === true ? { work: idleWork } : {}),
          ...(environment.sandboxWebhookSecret === undefined
            ? {}
            : { webhookSecret: environment.sandboxWebhookSecret }),
        },
        await tools(),
        options.idle === true ? undefined : store.engine(),
      ).catch((error: unknown) => {
        throw sandboxInUse(error) ? oneAtATime(error) : error;
      });
      return {
        ...connect(sandbox.url, SANDBOX_KEY, []),
        quietMs: EMBEDDED_QUIET_MS,
        close: () => sandbox.close(),
      };
    },

    async tariff(service, signal) {
      const { loadTariff } = await import('../pricing/tariff.ts');
      const { writeWholeFile } = await import('../files/wholeFile.ts');
      const { mkdir } = await import('node:fs/promises');
      const path = join(environment.stateDir, `pricing-${placeName(profile.scope)}.json`);
      return loadTariff({
        now: clock.now(),
        fetchRates: () =>
          service === undefined
            ? Promise.reject(new Error('offline'))
            : service.api.pricing(signal),
        readCache: () => readFile(path, 'utf8').catch(() => undefined),
        async writeCache(text) {
          await mkdir(environment.stateDir, { recursive: true, mode: 0o700 });
          await writeWholeFile(path, text);
        },
      });
    },
  };
}

/** The key as its file, its `.env` or its stored profile has it now, for the same service. */
function rereadKey(
  flag: string | undefined,
  baseUrl: string,
  store: ConfigStore,
  terminal: Terminal,
): string | undefined {
  try {
    loadDotEnv(process.cwd());
    const profile = chooseProfile(flag, readEnvironment(), store);
    if (profile.kind !== 'remote' || profile.baseUrl !== baseUrl) return undefined;
    terminal.hide(profile.apiKey);
    return profile.apiKey;
  } catch (error) {
    // A source that cannot be read now holds no better key.
    if (error instanceof RbgvError) return undefined;
    throw error;
  }
}

function sandboxInUse(error: unknown): error is RbgvError {
  return error instanceof RbgvError && error.code === 'sandbox_in_use';
}

function oneAtATime(cause: RbgvError): RbgvError {
  return new RbgvError('ledger', cause.code, 'another rbgv is at work in the local sandbox', {
    hint: 'wait until it ends; for several clients at once start `rbgv sandbox` on its own',
    cause,
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

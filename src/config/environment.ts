import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseEnv } from 'node:util';

import { RbgvError } from '../core/errors.ts';

/** What the environment says. This file is the only reader of `process.env`. */
export interface Environment {
  readonly apiKey: string | undefined;
  readonly apiKeyFile: string | undefined;
  /** Files with older keys, whose jobs may still be under way. */
  readonly previousApiKeyFiles: readonly string[];
  readonly baseUrl: string | undefined;
  readonly profile: string | undefined;
  readonly stateDir: string;
  readonly configDir: string;
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  /** `PATH`, for finding ffmpeg. */
  readonly searchPath: string;
  /** Opens the sandbox's admin doors; made up when not given. */
  readonly sandboxAdminToken: string | undefined;
  /** Secrets of received webhooks, white space between them; or a file that holds them. */
  readonly webhookSecret: string | undefined;
  readonly webhookSecretFile: string | undefined;
  /** Signs the sandbox's webhooks. */
  readonly sandboxWebhookSecret: string | undefined;
  /** Set for other programs; rbgv connects directly. */
  readonly httpsProxy: string | undefined;
  /** No animation: a build server is watching. */
  readonly isCi: boolean;
  /** A terminal that cannot move its cursor. */
  readonly isDumb: boolean;
  /** no-color.org: no colours, whatever the value. */
  readonly noColour: boolean;
}

/**
 * Names that a `.env` file in the working folder may set. Where the key goes, where it comes
 * from, where alerts are posted and what a day or month may cost over all projects is not among them:
 * such a file may have arrived with somebody else's project.
 */
const DOTENV_NAMES: ReadonlySet<string> = new Set([
  'REMOVEBGVIDEO_API_KEY',
  'RBGV_PROFILE',
  'RBGV_MODEL',
  'RBGV_FORMAT',
  'RBGV_BACKGROUND',
  'RBGV_OUTPUT_DIR',
  'RBGV_CONCURRENCY',
  'RBGV_ORDER',
  'RBGV_BWLIMIT',
  'RBGV_MAX_CREDITS',
  'RBGV_ALERT_AT',
]);

/** What the environment has from a `.env` file and not from whoever started rbgv. */
const fromDotEnv = new Set<string>();

/**
 * Takes over what `.env` in the working folder says and the environment does not. Called again, it
 * takes over what the file says by then.
 *
 * @throws RbgvError `open_env_file` when others could read a key in it
 */
export function loadDotEnv(folder: string): void {
  const path = join(folder, '.env');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const values = parseEnv(text);
  const isOpen = (statSync(path).mode & 0o077) !== 0 && process.platform !== 'win32';
  if (isOpen && (values['REMOVEBGVIDEO_API_KEY'] ?? '') !== '') {
    throw new RbgvError(
      'usage',
      'open_env_file',
      `other users can read the API key in \`${path}\``,
      {
        hint: 'make it private: chmod 600 .env',
      },
    );
  }
  for (const [name, value] of Object.entries(values)) {
    if (!DOTENV_NAMES.has(name) || value === undefined) continue;
    if (process.env[name] !== undefined && !fromDotEnv.has(name)) continue;
    process.env[name] = value;
    fromDotEnv.add(name);
  }
}

/**
 * Reads the environment.
 *
 * @throws RbgvError `tls_checks_off` when certificate checks are switched off
 */
export function readEnvironment(): Environment {
  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new RbgvError('usage', 'tls_checks_off', 'NODE_TLS_REJECT_UNAUTHORIZED=0 is set', {
      hint: 'rbgv never sends a key over an unchecked connection; use NODE_EXTRA_CA_CERTS instead',
    });
  }
  const value = (name: string): string | undefined => {
    const text = process.env[name];
    return text === undefined || text === '' ? undefined : text;
  };
  const home = homedir();
  return {
    apiKey: value('REMOVEBGVIDEO_API_KEY'),
    apiKeyFile: value('RBGV_API_KEY_FILE'),
    previousApiKeyFiles: (value('RBGV_PREVIOUS_API_KEY_FILES') ?? '')
      .split(delimiter)
      .filter((path) => path !== ''),
    baseUrl: value('RBGV_BASE_URL'),
    profile: value('RBGV_PROFILE'),
    stateDir:
      value('RBGV_STATE_DIR') ??
      join(value('XDG_STATE_HOME') ?? join(home, '.local', 'state'), 'rbgv'),
    configDir:
      value('RBGV_CONFIG_DIR') ?? join(value('XDG_CONFIG_HOME') ?? join(home, '.config'), 'rbgv'),
    ffmpegPath: value('RBGV_FFMPEG'),
    ffprobePath: value('RBGV_FFPROBE'),
    searchPath: value('PATH') ?? '',
    sandboxAdminToken: value('RBGV_SANDBOX_ADMIN_TOKEN'),
    webhookSecret: value('RBGV_WEBHOOK_SECRET'),
    webhookSecretFile: value('RBGV_WEBHOOK_SECRET_FILE'),
    sandboxWebhookSecret: value('RBGV_SANDBOX_WEBHOOK_SECRET'),
    httpsProxy: value('HTTPS_PROXY') ?? value('https_proxy'),
    isCi: value('CI') !== undefined,
    isDumb: value('TERM') === 'dumb',
    noColour: value('NO_COLOR') !== undefined,
  };
}

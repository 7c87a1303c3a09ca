import { spawnSync } from 'node:child_process';

import { RbgvError } from '../core/errors.ts';

/** A keychain answers at once, or asks its owner to unlock it. */
const TIMEOUT_MS = 60_000;

/** The program that speaks for the system's keychain, and how it stores, finds and forgets. */
interface Keychain {
  readonly program: string;
  readonly store: (account: string, secret: string) => Call;
  readonly find: (account: string) => Call;
  readonly forget: (account: string) => Call;
}

interface Call {
  readonly args: readonly string[];
  /** Read from stdin: a secret is never an argument, which other users could see. */
  readonly input?: string;
}

const attributes = (account: string): readonly string[] => ['service', 'rbgv', 'account', account];

/** libsecret's tool: GNOME Keyring, KWallet, KeePassXC. */
const SECRET_SERVICE: Keychain = {
  program: 'secret-tool',
  store: (account, input) => ({
    args: ['store', '--label', `rbgv API key (${account})`, ...attributes(account)],
    input,
  }),
  find: (account) => ({ args: ['lookup', ...attributes(account)] }),
  forget: (account) => ({ args: ['clear', ...attributes(account)] }),
};

/** macOS's tool; `-i` takes its commands from stdin. */
const MACOS: Keychain = {
  program: 'security',
  store: (account, secret) => ({
    args: ['-i'],
    input: `add-generic-password -U -s rbgv -a ${account} -X ${Buffer.from(secret).toString('hex')}\n`,
  }),
  find: (account) => ({ args: ['find-generic-password', '-s', 'rbgv', '-a', account, '-w'] }),
  forget: (account) => ({ args: ['delete-generic-password', '-s', 'rbgv', '-a', account] }),
};

/**
 * Puts a secret into the system's keychain.
 *
 * @param account a profile's name: letters, digits, dots and dashes
 * @throws RbgvError `no_keychain` when there is none, or it refuses
 */
export function storeInKeychain(account: string, secret: string): void {
  const keychain = systemKeychain();
  call(keychain.program, keychain.store(account, secret));
  if (findInKeychain(account) !== secret)
    throw refused(keychain.program, 'it did not keep the key');
}

/**
 * Takes a secret out of the system's keychain; `undefined` when it holds none for the account.
 *
 * @throws RbgvError `no_keychain`
 */
export function findInKeychain(account: string): string | undefined {
  const keychain = systemKeychain();
  const secret = call(keychain.program, keychain.find(account), true).replace(/\n$/, '');
  return secret === '' ? undefined : secret;
}

/** @throws RbgvError `no_keychain` */
export function forgetInKeychain(account: string): void {
  const keychain = systemKeychain();
  call(keychain.program, keychain.forget(account), true);
}

function systemKeychain(): Keychain {
  return process.platform === 'darwin' ? MACOS : SECRET_SERVICE;
}

function call(program: string, { args, input }: Call, mayFail = false): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    input: input ?? '',
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status === 0) return stdout;
  // A tool that ran and found nothing ends with another number than 0 and says nothing.
  if (mayFail && status !== null && stderr === '') return '';
  throw refused(program, status === null ? '' : stderr.trim());
}

function refused(program: string, reason: string): RbgvError {
  const why = reason === '' ? `\`${program}\` cannot be run` : reason;
  return new RbgvError('usage', 'no_keychain', `the system's keychain cannot be used: ${why}`, {
    hint: 'Debian: sudo apt install libsecret-tools gnome-keyring; or leave --keychain out: the key is then in a file that only you can read',
  });
}

import { writeSync } from 'node:fs';
import fileSystem from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

import type { Api } from '../../src/api/api.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';

/**
 * Counts what this process does outside of itself, and kills it right before the n-th of these
 * deeds. One clip's way is one line, so dying after a deed is dying before the next one.
 */
export interface CrashPoints {
  readonly ledger: (ledger: Ledger) => Ledger;
  readonly api: (api: Api) => Api;
  /** So far. */
  readonly deeds: () => number;
}

const LEDGER_WRITES = [
  'startRun',
  'setClipKey',
  'storeHash',
  'ensureJob',
  'claim',
  'append',
  'setFact',
  'recordDelivery',
  'setClipOutcome',
  'finishRun',
] as const satisfies readonly (keyof Ledger)[];

const API_WRITES = ['upload', 'createDraft', 'startJob'] as const satisfies readonly (keyof Api)[];
const FILE_WRITES = ['mkdir', 'open', 'link', 'unlink', 'rename', 'rm', 'copyFile'] as const;
const HANDLE_WRITES = ['write', 'truncate', 'sync'] as const;

/**
 * Files are counted by standing in for the functions of `node:fs/promises`, once in a process.
 *
 * @param dieAt from 1; `undefined` for a process that lives
 * @param folders in whose results file operations count
 */
export function createCrashPoints(
  dieAt: number | undefined,
  folders: readonly string[],
): CrashPoints {
  let deeds = 0;
  /** Nothing after this line runs when it is the one. */
  const pass = (deed: string): void => {
    deeds += 1;
    if (deeds !== dieAt) return;
    writeSync(2, `killed before ${deed}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  /** The same object, with some of its methods counted when `counts` says so. */
  const counted = <T extends object>(
    target: T,
    methods: readonly (keyof T & string)[],
    counts: (given: readonly unknown[]) => boolean = () => true,
  ): Partial<T> =>
    Object.fromEntries(
      methods.map((method) => {
        const call = (target[method] as (...given: unknown[]) => unknown).bind(target);
        return [
          method,
          (...given: unknown[]) => {
            if (counts(given)) pass(method);
            return call(...given);
          },
        ];
      }),
    ) as Partial<T>;

  const roots = folders.map((folder) => join(folder, 'results'));
  const inResults = (given: readonly unknown[]): boolean =>
    given.some(
      (value) => typeof value === 'string' && roots.some((root) => value.startsWith(root)),
    );
  const { open } = fileSystem;
  const handled: typeof open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    return inResults([path]) ? Object.assign(handle, counted(handle, HANDLE_WRITES)) : handle;
  };
  Object.assign(fileSystem, { open: handled });
  Object.assign(fileSystem, counted(fileSystem, FILE_WRITES, inResults));
  // Modules that imported the functions by name see the counted ones from here on.
  syncBuiltinESMExports();
  return {
    ledger: (ledger) => ({ ...ledger, ...counted(ledger, LEDGER_WRITES) }),
    api: (api) => ({ ...api, ...counted(api, API_WRITES) }),
    deeds: () => deeds,
  };
}

import { writeSync } from 'node:fs';
import fileSystem from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

import type { Api } from '../../src/api/api.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';

/** What a process does outside of itself: it can be made to die before any of these deeds. */
export interface Deeds {
  readonly ledger: (ledger: Ledger) => Ledger;
  readonly api: (api: Api) => Api;
  /** So far, of every sort. */
  readonly count: () => number;
  /** Those of the ledger, which return when the disk has them, and the milliseconds in them. */
  readonly writes: () => number;
  readonly writeMs: () => number;
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
 * Counts a process's deeds, and kills it right before the n-th. One clip's way is one line, so dying
 * after a deed is dying before the next one. Files are counted by standing in for the functions of
 * `node:fs/promises`, once in a process.
 *
 * @param dieAt from 1; `undefined` for a process that lives
 * @param folders in whose results file operations count
 */
export function watchDeeds(dieAt: number | undefined, folders: readonly string[]): Deeds {
  let deeds = 0;
  let writes = 0;
  let writeMs = 0;
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
            const begun = performance.now();
            const result = call(...given);
            // Only the ledger does what it does before it returns.
            if (!(result instanceof Promise)) {
              writes += 1;
              writeMs += performance.now() - begun;
            }
            return result;
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
    count: () => deeds,
    writes: () => writes,
    writeMs: () => writeMs,
  };
}

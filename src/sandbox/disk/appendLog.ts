import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { RbgvError } from '../../core/errors.ts';

/** A file of JSON lines that only ever grows. */
export interface AppendLog<Entry> {
  /**
   * Resolves once the entries are in the file, in one piece and in order. Callers that arrive while
   * a write is under way share the next one. After a failed write every later call fails too: the
   * file may end in half a line, which only reopening repairs.
   */
  append(entries: readonly Entry[]): Promise<void>;
  /** Waits for what was appended, then lets go of the file. */
  close(): Promise<void>;
}

/**
 * Opens a log and reads what it holds. A last line that was cut short by a crash is removed.
 *
 * @param durable whether each append waits until the disk has it (fdatasync)
 * @throws RbgvError `sandbox_data_damaged` when a line other than the last one is unreadable
 */
export async function openAppendLog<Entry>(
  path: string,
  durable: boolean,
): Promise<{ readonly log: AppendLog<Entry>; readonly entries: readonly Entry[] }> {
  const handle = await open(path, 'a', 0o600);
  try {
    const { entries, wholeBytes } = parseLines(path, await readFile(path, 'utf8'));
    await handle.truncate(wholeBytes);
    return { log: createLog(handle, durable), entries: entries as readonly Entry[] };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Puts a log of these entries in the place of another: the old one or the new one, whole. */
export async function rewriteLog(path: string, entries: readonly unknown[]): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path));
  await folder.sync().finally(() => folder.close());
}

function createLog<Entry>(handle: FileHandle, durable: boolean): AppendLog<Entry> {
  let waiting = '';
  let lastWrite = Promise.resolve();
  let nextWrite: Promise<void> | undefined;

  async function write(): Promise<void> {
    const text = waiting;
    waiting = '';
    nextWrite = undefined;
    await handle.appendFile(text);
    if (durable) await handle.datasync();
  }

  return {
    append(entries) {
      waiting += entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (nextWrite === undefined) {
        nextWrite = lastWrite.then(write);
        lastWrite = nextWrite;
      }
      return nextWrite;
    },
    async close() {
      await lastWrite.catch(() => undefined);
      await handle.close();
    },
  };
}

function parseLines(
  path: string,
  text: string,
): { readonly entries: readonly unknown[]; readonly wholeBytes: number } {
  const entries: unknown[] = [];
  let offset = 0;
  while (offset < text.length) {
    const end = text.indexOf('\n', offset);
    const isLast = end === -1 || end === text.length - 1;
    const entry = end === -1 ? undefined : parseLine(text.slice(offset, end));
    if (entry === undefined) {
      if (isLast) break;
      throw new RbgvError('ledger', 'sandbox_data_damaged', `a line of \`${path}\` is unreadable`, {
        hint: 'restore the file from a backup, or give the sandbox an empty data folder',
      });
    }
    entries.push(entry);
    offset = end + 1;
  }
  return { entries, wholeBytes: Buffer.byteLength(text.slice(0, offset)) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { CommanderError } from 'commander';

import { RbgvError } from '../core/errors.ts';
import { printable } from '../core/redact.ts';
import { loadDotEnv } from '../config/environment.ts';
import { exitCode, exitCodeOfError } from './exitCodes.ts';
import { createProgram } from './program.ts';
import { passOnSignal } from './signals.ts';

/**
 * Runs the command line.
 *
 * @param argv without the interpreter and the script
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    loadDotEnv(process.cwd());
    let code = exitCode('ok');
    const program = createProgram((result) => {
      code = result;
    });
    await program.parseAsync(argv, { from: 'user' });
    passOnSignal(code);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end in 0; everything commander itself complains about is wrong usage.
      return error.exitCode === 0 ? exitCode('ok') : exitCode('usage');
    }
    printError(error);
    return exitCodeOfError(error);
  }
}

function printError(error: unknown): void {
  if (error instanceof RbgvError) {
    const requestId =
      'requestId' in error && typeof error.requestId === 'string'
        ? ` (request ${error.requestId})`
        : '';
    process.stderr.write(`error: ${printable(error.message)}${printable(requestId)}\n`);
    if (error.cause instanceof Error && error.category === 'ledger') {
      process.stderr.write(`cause: ${printable(error.cause.message)}\n`);
    }
    if (error.hint !== undefined) process.stderr.write(`\nhint: ${printable(error.hint)}\n`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: this is a bug in rbgv\n${text}\n`);
  process.stderr.write(
    '\nhint: nothing is lost; run the same command again, and report the lines above\n',
  );
}

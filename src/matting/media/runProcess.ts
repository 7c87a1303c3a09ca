import type { Readable, Writable } from 'node:stream';

import { execa } from 'execa';

import { FFMPEG_ENV } from '../../core/ffmpegTools.ts';

/** A program that ended badly; the message holds the last lines it wrote to stderr. */
export class ProcessFailed extends Error {
  override readonly name = 'ProcessFailed';
}

/** A running ffmpeg or ffprobe. It lives on its pipes: it ends by itself when its parent dies. */
export interface RunningProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Resolves when the program ended with code 0. A rejection that nobody waits for is not an
   * unhandled one.
   *
   * @throws ProcessFailed for any other end; the signal's reason when aborted
   */
  readonly done: Promise<void>;
  /** Ends it at once and waits until it is gone. Harmless when it has ended. */
  kill(): Promise<void>;
}

const KEPT_STDERR = 1_000;

/**
 * Starts a program with an argument array, without a shell.
 *
 * @param signal aborting it kills the program
 * @throws the signal's reason when it is aborted already
 */
export function runProcess(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): RunningProcess {
  signal.throwIfAborted();
  const child = execa(program, args, {
    env: FFMPEG_ENV,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cancelSignal: signal,
    killSignal: 'SIGKILL',
  });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(-KEPT_STDERR);
  });
  // A broken pipe also shows as the program's end, which `done` reports with the program's words.
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);

  const ended = child.then((result) => {
    if (signal.aborted) throw signal.reason;
    if (result.failed) throw new ProcessFailed(messages.trim() || result.shortMessage);
  });
  const settled = ended.catch(() => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    done: ended,
    async kill() {
      child.kill('SIGKILL');
      child.stdin.destroy();
      child.stdout.destroy();
      await settled;
    },
  };
}

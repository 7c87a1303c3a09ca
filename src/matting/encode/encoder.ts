import type { TimedFrame } from '../media/readFrames.ts';
import type { RunningProcess } from '../media/runProcess.ts';

/** Makes a file of frames. */
export interface Encoder {
  /** Hands one frame over; resolves when its memory may be used again. */
  write(timed: TimedFrame, alpha: Uint8Array | undefined): Promise<void>;
  /**
   * Resolves when the file is whole.
   *
   * @throws ProcessFailed when the encoder failed
   */
  finish(): Promise<void>;
  /** Ends it at once and waits until it is gone. Harmless after `finish`. */
  kill(): Promise<void>;
}

/**
 * Writes to a program's stdin.
 *
 * @throws ProcessFailed when the program has ended
 */
export function push({ stdin, done }: RunningProcess, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stdin.write(bytes, (error) => {
      if (error) done.then(() => reject(error), reject);
      else resolve();
    });
  });
}

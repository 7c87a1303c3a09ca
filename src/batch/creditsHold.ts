import type { BatchDeps, BatchState } from './deps.ts';
import { orAborted } from './orAborted.ts';

/** A run that waits for a top-up: one clip asks again from time to time, the others wait for it. */
export interface CreditsHold {
  /** Key of the job that asks. */
  readonly asker: string;
  tries: number;
  readonly over: Promise<void>;
  readonly end: () => void;
}

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 600_000;

/** Makes the run wait, with this job as the one that asks; another's hold stays. */
export function holdForCredits(asker: string, state: BatchState): void {
  if (state.hold !== undefined) return;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  state.hold = { asker, tries: 0, over, end };
}

/** Ends the wait, if this job is the one that asks. */
export function releaseHold(asker: string, state: BatchState): void {
  if (state.hold?.asker !== asker) return;
  state.hold.end();
  state.hold = undefined;
}

/**
 * Returns when there may be credits again: at once without a hold; for the one that asks after a
 * minute, growing to ten; for the others when it got through.
 *
 * @throws the signal's reason when aborted
 */
export async function waitForCredits(
  key: string,
  deps: BatchDeps,
  state: BatchState,
): Promise<void> {
  for (let { hold } = state; hold !== undefined; { hold } = state) {
    if (hold.asker === key) {
      const span = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** hold.tries);
      hold.tries += 1;
      const delayMs = span * (0.5 + deps.random() / 2);
      const reason = 'the account is out of credits';
      deps.report({ type: 'retry', what: 'start', delayMs, reason, requestId: undefined });
      await deps.clock.sleep(delayMs, deps.signal);
      return;
    }
    await orAborted(hold.over, deps.signal);
  }
}

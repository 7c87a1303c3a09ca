import { waitForCredits } from './creditsHold.ts';
import type { BatchDeps, BatchState } from './deps.ts';
import { orAborted } from './orAborted.ts';

/** Which clips may send their start now; all of them, in good times. */
export interface StartTurns {
  /** Starts under way at once. One after a top-up, one more with each that succeeds: 1, 2, 4, … */
  window: number;
  /** Keys of the jobs whose start is under way. */
  readonly underWay: Set<string>;
  /** Keys of the jobs whose output is ready at the service and not here yet. */
  readonly ready: Set<string>;
  /** Settled and replaced whenever a turn may have come. */
  changed: Promise<void>;
  wake: () => void;
}

export function createStartTurns(): StartTurns {
  const turns = { window: Infinity, underWay: new Set<string>(), ready: new Set<string>() };
  return { ...turns, ...signalOnce() };
}

/** Outputs left waiting may expire: nothing new is started while this many do. */
function mostReady(deps: BatchDeps): number {
  return Math.max(4, 2 * deps.concurrency);
}

/**
 * Returns when the job may be started: there may be credits, few enough starts are under way after
 * a top-up, and downloads keep up. Also returns when the gate is shut.
 *
 * @throws the signal's reason when aborted
 */
export async function takeTurn(key: string, deps: BatchDeps, state: BatchState): Promise<void> {
  const { turns } = state;
  for (;;) {
    await waitForCredits(key, deps, state);
    if (state.gate !== undefined || turns.underWay.has(key)) return;
    if (turns.underWay.size < turns.window && turns.ready.size <= mostReady(deps)) break;
    await orAborted(turns.changed, deps.signal);
  }
  turns.underWay.add(key);
}

/** The credits ran out: whatever comes after the top-up comes slowly at first. */
export function slowDown({ turns }: BatchState): void {
  turns.window = 1;
}

/** The job was started: its turn is over, and one more may go at a time. */
export function turnSucceeded(key: string, deps: BatchDeps, { turns }: BatchState): void {
  if (!turns.underWay.delete(key)) return;
  turns.window = turns.window + 1 < deps.concurrency ? turns.window + 1 : Infinity;
  wake(turns);
}

export function outputIsReady(key: string, { turns }: BatchState): void {
  turns.ready.add(key);
}

/** The output is here, or the clip's run has ended somehow. */
export function leaveTurns(key: string, { turns }: BatchState): void {
  turns.underWay.delete(key);
  turns.ready.delete(key);
  wake(turns);
}

function wake(turns: StartTurns): void {
  turns.wake();
  Object.assign(turns, signalOnce());
}

function signalOnce(): Pick<StartTurns, 'changed' | 'wake'> {
  let settle = (): void => undefined;
  const changed = new Promise<void>((resolve) => (settle = resolve));
  return { changed, wake: () => settle() };
}

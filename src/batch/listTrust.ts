import type { Clock } from '../core/clock.ts';

/** Words for running jobs that are learned at most, beside the documented one. */
const MOST_WORDS = 3;
/** So many contradictions within a pause's length end the trust; a single one may be a race. */
const STRIKES = 2;
const PAUSE_MS = 300_000;
/** A list that shows a job so soon after its start does not lag. */
const PROMPT_MS = 5_000;

/** What is known of the service's list of jobs, whose ways are documented nowhere. */
export interface ListTrust {
  /** Status words under which running jobs are listed. */
  readonly words: ReadonlySet<string>;
  /** Worth reading now. */
  isGood(): boolean;
  /** It was seen to keep up with the jobs themselves. */
  isPrompt(): boolean;
  /** A job started this long ago was listed for the first time. */
  listedAfter(ageMs: number): void;
  /** A job that was not listed is running, under this word. */
  lacked(word: string | undefined): void;
  /** It contradicted a job itself. */
  strike(): void;
  /** It cannot be read: left alone for a while. */
  pause(): void;
}

export function createListTrust(clock: Clock): ListTrust {
  const words = new Set(['processing']);
  let strikes: readonly number[] = [];
  let pausedUntil = -Infinity;
  let isPrompt = false;
  const pause = (): void => {
    pausedUntil = clock.monotonic() + PAUSE_MS;
    strikes = [];
  };
  const strike = (): void => {
    const now = clock.monotonic();
    strikes = [...strikes.filter((at) => at > now - PAUSE_MS), now];
    if (strikes.length >= STRIKES) pause();
  };
  return {
    words,
    isGood: () => clock.monotonic() >= pausedUntil,
    isPrompt: () => isPrompt,
    listedAfter(ageMs) {
      if (ageMs <= PROMPT_MS) isPrompt = true;
    },
    lacked(word) {
      if (word !== undefined && !words.has(word) && words.size < MOST_WORDS) words.add(word);
      else strike();
    },
    strike,
    pause,
  };
}

import type { Clock } from '../core/clock.ts';
import type { JobView } from '../core/jobView.ts';

/** Words for running jobs that are learned at most, beside the documented one. */
const MOST_WORDS = 3;
/** So many contradictions within a pause's length end the trust; a single one may be a race. */
const STRIKES = 2;
const PAUSE_MS = 300_000;
/** A list that shows a job so soon after its start does not lag. */
const PROMPT_MS = 5_000;
/** So many requests the list of all jobs may cost, before it is read no more in this run. */
const WIDE_CREDIT = 3;
/** More than this it cannot save up. */
const MOST_WIDE_CREDIT = 6;

/** What is known of the service's list of jobs, whose ways are documented nowhere. */
export interface ListTrust {
  /** Status words under which running jobs are listed. */
  readonly words: ReadonlySet<string>;
  /** The list of all jobs is worth reading before that of the running ones. */
  isWide(): boolean;
  /** An end that it tells needs no question any more. */
  tellsEnds(): boolean;
  /** The list of all jobs told so many ends, and was enough to find all that were looked for. */
  wideTold(ends: number, isEnough: boolean): void;
  /** What it told of an end, and what the job itself says. */
  compared(listed: JobView, own: JobView): void;
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
  let wideCredit = WIDE_CREDIT;
  let isProved = false;
  const isWide = (): boolean => wideCredit > 0;
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
    isWide,
    tellsEnds: () => isProved && isWide(),
    wideTold(ends, isEnough) {
      // Each end told spares a question; where another list was needed, one request was for nothing.
      const credit = wideCredit + ends - (isEnough ? 0 : 1);
      if (isWide()) wideCredit = Math.min(credit, MOST_WIDE_CREDIT);
    },
    compared(listed, own) {
      if (isProved || own.outputUrl === undefined) return;
      isProved =
        listed.outputUrl !== undefined &&
        (own.creditsUsed ?? listed.creditsUsed) === listed.creditsUsed;
      if (!isProved) wideCredit = 0;
    },
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

/** What was observed is known as closely as looks are apart, and stands for times about it. */
const SPREAD: readonly number[] = [0.94, 1, 1.06];
/** What goes on beyond all that was observed does so for this share of its age, on average. */
const TAIL_SHARE = 0.25;

/** What may have become of a job since it was last seen at work. */
export interface Outlook {
  /** How likely it has ended: 0..1. */
  readonly endedShare: number;
  /** How long its end has gone unnoticed, on average of all that may be, in milliseconds. */
  readonly unnoticedMs: number;
}

/**
 * Says what may have become of a job; one in as many as were observed takes longer than all of them.
 *
 * @param timesMs what others of its like took, in milliseconds
 * @param aliveMs its age when it was last seen at work
 * @param ageMs its age now
 */
export function outlook(timesMs: readonly number[], aliveMs: number, ageMs: number): Outlook {
  const times = timesMs.flatMap((timeMs) => SPREAD.map((spread) => timeMs * spread));
  const open = times.filter((timeMs) => timeMs > aliveMs);
  const over = open.filter((timeMs) => timeMs <= ageMs);
  const tail = tailOutlook(Math.max(aliveMs, ...open), ageMs);
  const all = open.length + SPREAD.length;
  const unnoticed = over.reduce((sum, timeMs) => sum + ageMs - timeMs, 0);
  return {
    endedShare: (over.length + SPREAD.length * tail.endedShare) / all,
    unnoticedMs: (unnoticed + SPREAD.length * tail.unnoticedMs) / all,
  };
}

/** The same for a job that takes longer than any other: it may end at any time, the same always. */
function tailOutlook(longestMs: number, ageMs: number): Outlook {
  if (ageMs <= longestMs) return { endedShare: 0, unnoticedMs: 0 };
  const meanMs = TAIL_SHARE * longestMs;
  const endedShare = 1 - Math.exp(-(ageMs - longestMs) / meanMs);
  return { endedShare, unnoticedMs: ageMs - longestMs - meanMs * endedShare };
}

import { systemClock } from '../core/clock.ts';

/** After which a key ought to be exchanged for a new one. */
export const KEY_OLD_DAYS = 90;

/** Whole days since a key was stored. */
export function keyAgeDays(setAt: string): number {
  return Math.floor((systemClock.now() - Date.parse(setAt)) / 86_400_000);
}

/** The day, the age, and a hint when it is time to rotate. */
export function keyAge(setAt: string | undefined): string {
  if (setAt === undefined) return 'at an unknown time';
  const days = keyAgeDays(setAt);
  const advice =
    days >= KEY_OLD_DAYS ? `; older than ${KEY_OLD_DAYS} days: time for a new one` : '';
  return `${setAt.slice(0, 10)} (${days === 1 ? '1 day' : `${days} days`} ago${advice})`;
}

import type { PlannedClip } from './plan.ts';

/**
 * Clips that together are most like all of a plan: the middle one first, then each time the one
 * that is least like those chosen, by length, picture size, orientation and what is asked for it.
 *
 * @param count at least 1; paid clips are never chosen
 */
export function chooseCanaries(
  items: readonly PlannedClip[],
  count: number,
): readonly PlannedClip[] {
  const unpaid = items.filter((item) => !item.alreadyPaid);
  const byLength = [...unpaid].sort((a, b) => a.clip.media.durationUs - b.clip.media.durationUs);
  const first = byLength[Math.floor(byLength.length / 2)];
  if (first === undefined) return [];
  const chosen = [first];
  const distances = new Map(unpaid.map((item) => [item, unlikeness(item, first)]));
  while (chosen.length < Math.min(count, unpaid.length)) {
    distances.delete(chosen.at(-1) ?? first);
    const [next] = [...distances].reduce((best, other) => (other[1] > best[1] ? other : best));
    chosen.push(next);
    for (const [item, distance] of distances) {
      distances.set(item, Math.min(distance, unlikeness(item, next)));
    }
  }
  return chosen;
}

/** 1 for twice as long, for twice as many pixels, turned, or asked for something else. */
function unlikeness(a: PlannedClip, b: PlannedClip): number {
  const [one, other] = [a.clip.media, b.clip.media];
  const octaves = (x: number, y: number): number => Math.abs(Math.log2(x / y));
  const isTurned = one.height > one.width !== other.height > other.width;
  const isAsked = a.settings.model !== b.settings.model || a.settings.format !== b.settings.format;
  return (
    octaves(one.durationUs, other.durationUs) +
    octaves(one.width * one.height, other.width * other.height) +
    Number(isTurned) +
    Number(isAsked)
  );
}

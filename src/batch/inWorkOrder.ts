import type { WorkOrder } from '../core/workOrder.ts';
import type { PlannedClip } from './plan.ts';

const COMPARE: Readonly<Record<WorkOrder, (a: PlannedClip, b: PlannedClip) => number>> = {
  longest: (a, b) => b.clip.media.durationUs - a.clip.media.durationUs,
  name: (a, b) => (a.clip.relativePath < b.clip.relativePath ? -1 : 1),
  size: (a, b) => a.clip.sizeBytes - b.clip.sizeBytes,
  given: () => 0,
};

/**
 * The clips as they will be begun: first those whose job is paid already, then the longest (a long
 * one begun last would keep everybody waiting), by name, the smallest first, or as given.
 */
export function inWorkOrder(
  items: readonly PlannedClip[],
  order: WorkOrder,
): readonly PlannedClip[] {
  const compare = COMPARE[order];
  return [...items].sort((a, b) => Number(b.alreadyPaid) - Number(a.alreadyPaid) || compare(a, b));
}

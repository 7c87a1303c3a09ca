import type { JobEvent } from '../core/job.ts';

export type Phase = 'upload' | 'processing' | 'download';

/** A stretch of time that one clip spent in a phase; milliseconds since the run began. */
export interface Span {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The phase that each event is the end of; the others end a wait. */
const ENDS: Readonly<Partial<Record<JobEvent['type'], Phase>>> = {
  uploaded: 'upload',
  processed: 'processing',
  failed: 'processing',
  verified: 'download',
};

/**
 * When a clip was in which phase, from the events of one run.
 *
 * @param events oldest first; `at` in milliseconds since the epoch
 * @param startedAt of the run; a phase that an earlier run had begun is shown from here
 * @param begunAt when the clip's work was first written down
 */
export function spansOf(
  events: readonly { readonly at: number; readonly type: JobEvent['type'] }[],
  startedAt: number,
  begunAt: number,
): readonly Span[] {
  let from = Math.max(startedAt, begunAt);
  return events.flatMap(({ at, type }) => {
    const phase = ENDS[type];
    const span = { fromMs: from - startedAt, toMs: Math.max(at, from) - startedAt };
    from = Math.max(at, from);
    return phase === undefined ? [] : [{ phase, ...span }];
  });
}

/** Milliseconds that a clip was at work in all phases. */
export function spanTime(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** Milliseconds that spans of one phase take together. */
export function timeIn(phase: Phase, spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + (span.phase === phase ? span.toMs - span.fromMs : 0), 0);
}

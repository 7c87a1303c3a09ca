import type { Peak, Steadiness } from '../core/steadiness.ts';

/** A subject smaller than this share of the picture is not made to look worse by its smallness. */
const LEAST_COVERAGE = 0.01;

const NOTHING: Peak = { share: 0, frame: 0 };

/**
 * Measures how steady an alpha channel is from two figures a frame, in constant memory.
 *
 * A flicker is a frame that changes on the way in and changes on the way out, more than the frames
 * around it do: movement goes on, a flicker comes back.
 */
export function createSteadinessMeter(): {
  /**
   * @param coverage mean alpha of the frame, 0..1
   * @param change mean absolute difference of alpha from the frame before, 0..1
   */
  readonly add: (coverage: number, change: number) => void;
  readonly result: () => Steadiness;
} {
  let count = 0;
  let sum = 0;
  let previous = 0;
  let flicker = NOTHING;
  let jump = NOTHING;
  /** Changes into the latest frames: of the four, a flicker lies between the second and the third. */
  let changes: readonly number[] = [0];

  const raise = (peak: Peak, share: number, frame: number): Peak =>
    share > peak.share ? { share, frame } : peak;

  const lookBack = (frame: number): void => {
    const [before, into, out, after] = changes;
    if (before === undefined || into === undefined || out === undefined || after === undefined) {
      return;
    }
    flicker = raise(flicker, Math.min(into, out) - Math.max(before, after), frame);
  };

  return {
    add(coverage, change) {
      if (count > 0) {
        jump = raise(jump, Math.abs(coverage - previous), count);
        changes = [...changes.slice(-3), change];
        lookBack(count - 2);
      }
      previous = coverage;
      sum += coverage;
      count++;
    },
    result() {
      const coverage = count === 0 ? 0 : sum / count;
      const relative = ({ share, frame }: Peak): Peak => ({
        share: round(share / Math.max(coverage, LEAST_COVERAGE)),
        frame,
      });
      return {
        frameCount: count,
        coverage: round(coverage),
        flicker: relative(flicker),
        jump: relative(jump),
      };
    },
  };
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

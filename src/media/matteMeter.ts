import type { MatteFigures } from '../core/comparison.ts';

/** Levels of 255 that a pixel may change by and count as the same: noise and compression. */
const STILL = 4;
/** Mean change of the picture, in levels, that only a cut makes. */
const CUT = 25;
/** Alpha between these is half transparent; what lies beyond is the rounding of lossy alpha. */
const CLEAR = 10;
const OPAQUE = 245;
/** A subject smaller than this share of the picture is not made to look worse by its smallness. */
const LEAST_COVERAGE = 0.01;

/**
 * Measures an alpha channel beside the picture that it was made from, frame by frame, in constant
 * memory. What its figures mean stands at `MatteFigures`.
 *
 * @param width of every picture, in pixels
 */
export function createMatteMeter(
  width: number,
  height: number,
): {
  /** Both of one byte a pixel; they are not kept. */
  readonly add: (luma: Uint8Array, alpha: Uint8Array) => void;
  /** `undefined` before the first frame. */
  readonly result: () => MatteFigures | undefined;
} {
  const size = width * height;
  const lastLuma = new Uint8Array(size);
  const lastAlpha = new Uint8Array(size);
  let frames = 0;
  let covered = 0;
  let lastCoverage = 0;
  let flickered = 0;
  let measured = 0;
  let jump = 0;
  let largest = LEAST_COVERAGE;
  let soft = 0;
  let outline = 0;

  /** Pixels with other neighbours to the right or below: an outline's length, but for its slope. */
  const countRim = (alpha: Uint8Array): void => {
    for (let i = 0; i < size; i++) {
      const value = alpha[i] ?? 0;
      if (value > CLEAR && value < OPAQUE) soft++;
      const inside = value >= 128;
      if ((i + 1) % width !== 0 && inside !== (alpha[i + 1] ?? 0) >= 128) outline++;
      if (i + width < size && inside !== (alpha[i + width] ?? 0) >= 128) outline++;
    }
  };

  return {
    add(luma, alpha) {
      let sum = 0;
      let moved = 0;
      let flicker = 0;
      for (let i = 0; i < size; i++) {
        const value = alpha[i] ?? 0;
        sum += value;
        const change = Math.abs((luma[i] ?? 0) - (lastLuma[i] ?? 0));
        moved += change;
        if (change <= STILL) flicker += Math.abs(value - (lastAlpha[i] ?? 0));
      }
      countRim(alpha);
      const coverage = sum / 255 / size;
      if (frames > 0 && moved / size < CUT) {
        flickered += flicker / 255 / size;
        measured += Math.max((coverage + lastCoverage) / 2, LEAST_COVERAGE);
        jump = Math.max(jump, Math.abs(coverage - lastCoverage));
      }
      covered += coverage;
      largest = Math.max(largest, coverage);
      lastCoverage = coverage;
      lastLuma.set(luma);
      lastAlpha.set(alpha);
      frames++;
    },
    result() {
      if (frames === 0) return undefined;
      const coverage = covered / frames;
      // Counted along rows and columns, outlines of all slopes are 4/π times too long.
      const length = (outline * Math.PI) / 4;
      const rim = soft === 0 ? 0 : soft / length / Math.min(width, height);
      return {
        flicker: measured === 0 ? 0 : round(flickered / measured),
        coverage: round(coverage),
        jump: round(jump / largest),
        edge: round(Math.min(1, rim)),
      };
    },
  };
}

function round(share: number): number {
  return Math.round(share * 100_000) / 100_000;
}

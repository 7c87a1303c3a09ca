import type { Steadiness } from '../core/steadiness.ts';
import { createSteadinessMeter } from './steadinessMeter.ts';

/** What was seen while frames were decoded. */
export interface FrameReport {
  readonly count: number;
  /** Timestamps of the first and the last frame, in microseconds. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** The lowest and the highest alpha of any area of any frame, 0..255. */
  readonly lowestAlpha: number;
  readonly highestAlpha: number;
  /** Of the alpha that the frames have by themselves, whatever lies around or below them. */
  readonly steadiness: Steadiness;
}

/**
 * Filters that report each frame's time and the range of its alpha as lines on stderr, instead of
 * handing over pixels. Alpha is averaged over a coarse grid first: a stray pixel is not a subject.
 * Frames without an alpha channel count as opaque.
 */
export const REPORT_FRAMES = [
  'scale=96:96:flags=area',
  'format=yuva420p',
  'alphaextract',
  'signalstats',
  String.raw`metadata=mode=print:file='pipe\:2'`,
].join(',');

/** Collects the lines of `REPORT_FRAMES`, in constant memory. */
export function collectFrames(): {
  /** `false` for a line that is not part of the report. */
  readonly take: (line: string) => boolean;
  readonly report: () => FrameReport;
} {
  let count = 0;
  let firstUs = 0;
  let lastUs = 0;
  let lowestAlpha = 255;
  let highestAlpha = 0;
  let coverage = 0;
  const meter = createSteadinessMeter();
  return {
    take(line) {
      const frame = /^frame:\d+\s+pts:\S+\s+pts_time:(-?[\d.]+(?:e[-+]?\d+)?)$/.exec(line);
      if (frame !== null) {
        lastUs = Math.round(Number(frame[1]) * 1_000_000);
        if (count === 0) firstUs = lastUs;
        count++;
        return true;
      }
      const value = /^lavfi\.signalstats\.(\w+)=(-?[\d.]+)$/.exec(line);
      if (value === null) return false;
      const level = Number(value[2]);
      if (value[1] === 'YMIN') lowestAlpha = Math.min(lowestAlpha, level);
      if (value[1] === 'YMAX') highestAlpha = Math.max(highestAlpha, level);
      // The filter prints a frame's mean before its difference from the frame before.
      if (value[1] === 'YAVG') coverage = level / 255;
      if (value[1] === 'YDIF') meter.add(coverage, level / 255);
      return true;
    },
    report: () => {
      const steadiness = meter.result();
      return { count, firstUs, lastUs, lowestAlpha, highestAlpha, steadiness };
    },
  };
}

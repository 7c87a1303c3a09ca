import type { FfmpegTools } from '../core/ffmpegTools.ts';
import type { OutputFormat } from '../core/model.ts';
import { AUDIO_FORMATS } from '../core/model.ts';
import type { Steadiness } from '../core/steadiness.ts';
import { containerOf } from './container.ts';
import type { Examination } from './examine.ts';
import { CONTAINERS_OF, examine } from './examine.ts';
import { withOpenedFile } from './openedFile.ts';

/** What an output has to be, as far as its job says. */
export interface VerifyExpectation {
  readonly format: OutputFormat;
  /** How long the input's picture runs, in microseconds. */
  readonly durationUs: number;
  /** The input's average rate; `undefined` when it is not known. */
  readonly framesPerSecond: number | undefined;
  /** Transparency was asked for, and the format can carry it. */
  readonly transparent: boolean;
  /** The input has sound. Asked of formats only that can carry it. */
  readonly audio: boolean;
}

type VerifyCode =
  | 'empty_output'
  | 'wrong_container'
  | 'undecodable'
  | 'wrong_duration'
  | 'all_opaque'
  | 'all_clear'
  | 'audio_missing';

export type VerifyResult =
  | {
      readonly ok: true;
      /** Microseconds. */
      readonly durationUs: number;
      readonly width: number;
      readonly height: number;
      /** Of a transparent output, where the format lets it be told. */
      readonly steadiness?: Steadiness | undefined;
    }
  | { readonly ok: false; readonly code: VerifyCode; readonly reason: string };

/**
 * Whether a downloaded output is what was paid for: of the right kind, decodable to its last frame,
 * as long as the input, transparent where that was asked, with its sound. A bad file is an answer,
 * never an exception; only a file that cannot be read at all throws.
 */
export async function verifyOutput(
  path: string,
  expected: VerifyExpectation,
  tools: FfmpegTools,
): Promise<VerifyResult> {
  const { isEmpty, container } = await withOpenedFile(path, ({ head }) =>
    Promise.resolve({ isEmpty: head.length === 0, container: containerOf(head) }),
  );
  if (isEmpty) return bad('empty_output', 'the output has 0 bytes');
  if (container !== CONTAINERS_OF[expected.format]) {
    const found = container === undefined ? 'something unknown' : `a ${container} file`;
    return bad('wrong_container', `the output is ${found}, not ${expected.format}`);
  }
  let found: Examination;
  try {
    found = await examine(path, expected.format, tools);
  } catch (error) {
    return bad('undecodable', `the output does not decode: ${(error as Error).message}`);
  }
  return judge(found, expected);
}

/** Areas of the coarse grid at most this opaque are background, at least that opaque subject. */
const CLEAR = 64;
const OPAQUE = 192;

function judge(found: Examination, expected: VerifyExpectation): VerifyResult {
  if (found.frameCount === 0) return bad('undecodable', 'the output holds no frame');
  const durationUs = closestDuration(found, expected);
  const toleranceUs = durationTolerance(found, expected, durationUs);
  if (Math.abs(durationUs - expected.durationUs) > toleranceUs) {
    const lasts = (us: number) => `${(us / 1_000_000).toFixed(3)} s`;
    const reason = `the output lasts ${lasts(durationUs)}, the input ${lasts(expected.durationUs)}`;
    return bad('wrong_duration', reason);
  }
  if (expected.transparent && found.lowestAlpha > CLEAR) {
    return bad('all_opaque', 'nothing in the output is transparent');
  }
  if (expected.transparent && found.highestAlpha < OPAQUE) {
    return bad('all_clear', 'the output is transparent all over');
  }
  if (expected.audio && AUDIO_FORMATS.has(expected.format) && !found.hasAudio) {
    return bad('audio_missing', 'the input has sound, the output has none');
  }
  const { width, height } = found;
  const steadiness = expected.transparent ? found.steadiness : undefined;
  return { ok: true, durationUs: Math.round(durationUs), width, height, steadiness };
}

/** PNG files carry no time: at the input's rate, or taken as right when that is unknown. */
function closestDuration(found: Examination, expected: VerifyExpectation): number {
  const { durationUs, framesPerSecond } = expected;
  if (found.durationsUs.length === 0) {
    return framesPerSecond === undefined ? durationUs : (found.frameCount * 1e6) / framesPerSecond;
  }
  return found.durationsUs.reduce((best, other) =>
    Math.abs(other - durationUs) < Math.abs(best - durationUs) ? other : best,
  );
}

/** Half the unit of a frame's delay: what rounding can add to or take from each frame. */
const DELAY_ROUNDING_US: Readonly<Partial<Record<OutputFormat, number>>> = {
  gif: 5_000,
  webp: 500,
};

/** A probed rate is an average over the first frames; phones vary theirs a little. */
const RATE_ERROR = 0.005;

/** An output may have fewer frames than its input (GIF), or have equal ones merged into one. */
const LONGEST_OUTPUT_FRAME_US = 100_000;

/** One frame of the slower side, a millisecond of container rounding, and what the format rounds. */
function durationTolerance(
  { frameCount }: Examination,
  { format, framesPerSecond }: VerifyExpectation,
  durationUs: number,
): number {
  const inputFrameUs = framesPerSecond === undefined ? 0 : 1e6 / framesPerSecond;
  const outputFrameUs = Math.min(durationUs / frameCount, LONGEST_OUTPUT_FRAME_US);
  const rounding = (DELAY_ROUNDING_US[format] ?? 0) * frameCount;
  const counting = format === 'png_sequence' ? durationUs * RATE_ERROR : 0;
  return Math.max(inputFrameUs, outputFrameUs) + 1_000 + rounding + counting;
}

function bad(code: VerifyCode, reason: string): VerifyResult {
  return { ok: false, code, reason };
}

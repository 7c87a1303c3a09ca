import type { Model } from '../../../core/model.ts';
import { type BoxSum, createBoxSum } from '../../grid/box.ts';
import type { Frame } from '../../grid/frame.ts';
import type { ClipSamples, Fit } from '../engine.ts';
import { fullPlate, plateFrames } from '../plate/fullPlate.ts';
import { createMotionMask, type Motion } from '../plate/motion.ts';
import { agreement } from './agreement.ts';
import { standingHint, withMotion } from './hint.ts';
import { learnSubject, type Lesson } from './learnSubject.ts';
import { createOutliner } from './outliner.ts';
import { createSegmenter } from './segmenter.ts';

const LESSONS = 6;
/** Parts below this share of the largest are dropped; `human` keeps the main part alone. */
const ISLAND_SHARE: Readonly<Record<Model, number>> = {
  original: 0.2,
  light: 0.2,
  pro: 0.2,
  human: 1,
};
const LEAST_COVER = 0.03;
const MOST_COVER = 0.85;
const LOWEST_AGREEMENT = 0.75;
/** Share of all motion that is at the subject or beside it; with less, something else moves. */
const LEAST_OWN_MOTION = 0.7;
/** What a swaying subject has just laid bare is this near, in pixels. */
const BESIDE = 5;
/** Two runs that agree can both be wrong: never more than a medium confidence. */
const LOWEST_CONFIDENCE = 0.35;
const HIGHEST_CONFIDENCE = 0.6;

/**
 * Subject that stays in its place: learns its colours over the whole clip, from the middle of the
 * picture and from where it moves. Confidence comes from how well two runs agree that began with
 * different guesses on different frames.
 */
export async function fitSubject(
  samples: ClipSamples,
  motion: Motion,
  hull: Uint8Array,
  model: Model,
): Promise<Fit> {
  const { small, source, spread } = samples;
  const { width, height } = motion.plate;
  const standing = standingHint(motion, hull, 1);
  const narrow = standingHint(motion, hull, 0.75);
  const lesson = (n: number): Lesson => ({
    picture: small[n]!,
    hint: withMotion(standing, motion, motion.masks[n]!),
  });
  const numbers = spreadOver(small.length, 0.5);
  const taught = numbers.map(lesson);
  const { lean } = learnSubject(taught, width, height);
  const second = learnSubject(
    spreadOver(small.length, 0.1).map((n) => ({ picture: small[n]!, hint: narrow })),
    width,
    height,
  );
  const segment = createSegmenter(lean, width, height, ISLAND_SHARE[model]);
  const outlines = taught.map(({ picture, hint }) => segment(picture, hint).slice());
  const segmentAgain = createSegmenter(second.lean, width, height, ISLAND_SHARE[model]);
  const agreed = agreement(
    outlines,
    taught.map(({ picture }) => segmentAgain(picture, narrow).slice()),
  );
  const cover = coverOf(outlines);
  const own = ownMotion(
    outlines,
    numbers.map((n) => motion.masks[n]!),
    createBoxSum(width, height),
  );
  if (agreed < LOWEST_AGREEMENT || cover < LEAST_COVER || cover > MOST_COVER) return UNCLEAR;
  if (own < LEAST_OWN_MOTION) return ELSEWHERE;

  const findMotion = createMotionMask(motion.plate, width, height);
  const background = await fullPlate(
    spread(plateFrames(source.width, source.height)),
    (picture: Frame) => segment(picture, withMotion(standing, motion, findMotion(picture))),
    motion.plate,
  );
  const certainty = (agreed - LOWEST_AGREEMENT) / (1 - LOWEST_AGREEMENT);
  return {
    ok: true,
    engine: 'subject',
    confidence: LOWEST_CONFIDENCE + certainty * (HIGHEST_CONFIDENCE - LOWEST_CONFIDENCE),
    warnings: ['subject_guessed_from_place_and_motion'],
    background,
    prior: createOutliner(source, motion, standing, segment),
  };
}

const UNCLEAR = {
  ok: false,
  reason: 'the colours of the subject and of what is behind it cannot be told apart',
} as const;

const ELSEWHERE = {
  ok: false,
  reason: 'what moves is not what stands in the middle',
} as const;

/** Numbers of up to six samples, evenly apart; `offset` 0..1 moves them within their steps. */
function spreadOver(count: number, offset: number): number[] {
  const wanted = Math.min(LESSONS, count);
  return Array.from({ length: wanted }, (_, n) => Math.floor(((n + offset) * count) / wanted));
}

function coverOf(masks: readonly Uint8Array[]): number {
  let sum = 0;
  for (const mask of masks) for (let i = 0; i < mask.length; i++) sum += mask[i]!;
  return sum / (masks.length * masks[0]!.length);
}

function ownMotion(
  outlines: readonly Uint8Array[],
  motions: readonly Uint8Array[],
  boxSum: BoxSum,
): number {
  let own = 0;
  let all = 0;
  for (const [n, mask] of motions.entries()) {
    const near = boxSum(outlines[n]!, BESIDE);
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      all++;
      if (near[i]! > 0) own++;
    }
  }
  return all === 0 ? 0 : own / all;
}

import { createContrastLinks, type Planes } from '../../grid/contrastLinks.ts';
import { createMinCut } from '../../grid/minCut.ts';
import { colorBin, createColorModel } from './colorModel.ts';

/** A small picture and what is known about its pixels beside their colours. */
export interface Lesson {
  readonly picture: Planes;
  /** Evidence for the subject (above zero) or against it, in nats. */
  readonly hint: Float32Array;
}

/** Evidence for the subject in each colour bin, in nats. */
export type ColorLean = Float32Array;

/** Costs are integers to the cut: this many to the nat. */
export const UNITS_PER_NAT = 10;
export const LINK_STRENGTH = 6 * UNITS_PER_NAT;
const ROUNDS = 4;
const STRONGEST = 3;
/** The background also comes in shadow: so much of the light, and so common. */
const SHADES = [0.9, 0.8, 0.7];
const SHADE_WEIGHT = 0.1;

/** What was learnt, and the outlines it was learnt from. */
export interface Subject {
  readonly lean: ColorLean;
  /** One for each lesson, 0 or 1. */
  readonly masks: readonly Uint8Array[];
}

/**
 * Learns which colours belong to the subject, over several pictures at once, by turns: outlines
 * from colours, colours from outlines ("GrabCut", Rother et al., 2004, with histograms).
 */
export function learnSubject(lessons: readonly Lesson[], width: number, height: number): Subject {
  const size = width * height;
  const minCut = createMinCut(width, height);
  const linksOf = createContrastLinks(width, height, LINK_STRENGTH);
  const masks = lessons.map(({ hint }) => Uint8Array.from(hint, (h) => (h > 0 ? 1 : 0)));
  const cost = new Float32Array(size);
  let lean = colorLean(lessons, masks);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, { picture, hint }] of lessons.entries()) {
      for (let i = 0; i < size; i++) {
        cost[i] = UNITS_PER_NAT * (lean[colorBin(picture, i)]! + hint[i]!);
      }
      minCut.solve(cost, linksOf(picture), masks[n]!);
    }
    lean = colorLean(lessons, masks);
  }
  return { lean, masks };
}

function colorLean(lessons: readonly Lesson[], masks: readonly Uint8Array[]): ColorLean {
  const subject = createColorModel();
  const rest = createColorModel();
  for (const [n, { picture }] of lessons.entries()) {
    const { y, u, v } = picture;
    const mask = masks[n]!;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 1) {
        subject.add(y[i]!, u[i]!, v[i]!, 1);
        continue;
      }
      rest.add(y[i]!, u[i]!, v[i]!, 1);
      for (const light of SHADES) {
        const dark = 1 - light;
        const [shadeY, shadeU, shadeV] = [16 * dark, 128 * dark, 128 * dark];
        rest.add(
          shadeY + light * y[i]!,
          shadeU + light * u[i]!,
          shadeV + light * v[i]!,
          SHADE_WEIGHT,
        );
      }
    }
  }
  const behind = rest.logarithms();
  return subject
    .logarithms()
    .map((log, bin) => Math.max(-STRONGEST, Math.min(STRONGEST, log - behind[bin]!)));
}

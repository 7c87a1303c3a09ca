import { formatCredits, type Credits } from './credits.ts';
import type { Model } from './model.ts';

/** What is measured of an output's alpha beside its source; every figure is a share. */
export interface MatteFigures {
  /** Of the subject's area, what a frame's alpha changes by where the picture does not change. */
  readonly flicker: number;
  /** Of the picture, what is opaque on the mean, 0..1. */
  readonly coverage: number;
  /** The largest change of that from one frame to the next within a shot, of its largest value. */
  readonly jump: number;
  /** Mean width of the half-transparent rim, of the picture's shorter side; at most 1. */
  readonly edge: number;
}

/** One model's output of a clip. */
export interface Contender {
  readonly model: Model;
  /** What the model charges for the clip; `undefined` for work whose price nobody knows. */
  readonly price: Credits | undefined;
  /** `undefined` when there is no output, or none that can be measured. */
  readonly figures: MatteFigures | undefined;
}

export interface Judgement {
  /** Why it is not acceptable, in words; `undefined` when it was not measured. */
  readonly faults: readonly string[] | undefined;
  /** The cheapest without faults; of equally cheap ones that which flickers least. */
  readonly isChoice: boolean;
}

export interface Judged extends Contender {
  readonly judgement: Judgement;
}

/** When an output is acceptable. Told by `rbgv help compare`. */
export const ACCEPTABLE = {
  mostFlicker: 0.05,
  mostJump: 0.5,
  mostEdge: 0.05,
  leastCoverage: 0.002,
  mostCoverage: 0.97,
  /** Against the median coverage of all models of the clip. */
  leastOfMedian: 0.5,
} as const;

/** Judges what several models made of one clip, in their order. */
export function judge<One extends Contender>(
  contenders: readonly One[],
): readonly (One & Judged)[] {
  const coverages = contenders.flatMap(({ figures }) => figures?.coverage ?? []);
  const least = median(coverages) * ACCEPTABLE.leastOfMedian;
  const faults = contenders.map(({ figures }) => figures && faultsOf(figures, least));
  const [choice] = contenders
    .filter((_, index) => faults[index]?.length === 0)
    .sort((a, b) => priceOf(a) - priceOf(b) || flickerOf(a) - flickerOf(b));
  return contenders.map((one, index) => {
    return { ...one, judgement: { faults: faults[index], isChoice: one === choice } };
  });
}

function faultsOf(figures: MatteFigures, leastCoverage: number): readonly string[] {
  const { flicker, coverage, jump, edge } = figures;
  const { mostFlicker, mostJump, mostEdge } = ACCEPTABLE;
  return [
    ...(flicker > mostFlicker ? [`flickers: ${percent(flicker)} > ${percent(mostFlicker)}`] : []),
    ...(jump > mostJump ? [`jumps: ${percent(jump)} > ${percent(mostJump)}`] : []),
    ...(edge > mostEdge ? [`hazy: ${percent(edge)} > ${percent(mostEdge)}`] : []),
    ...(coverage < ACCEPTABLE.leastCoverage ? ['next to nothing is left'] : []),
    ...(coverage > ACCEPTABLE.mostCoverage ? ['next to nothing is removed'] : []),
    ...(coverage < leastCoverage ? ['keeps less than half of what the others keep'] : []),
  ];
}

/** `cheapest acceptable`, `acceptable`, or what is wrong. */
export function verdictText({ faults, isChoice }: Judgement): string {
  if (isChoice) return 'cheapest acceptable';
  if (faults === undefined) return 'not measured';
  return faults.length === 0 ? 'acceptable' : faults.join('; ');
}

/** Why the marked one is the cheapest that will do, or that none will, as a sentence. */
export function choiceText(outputs: readonly Judged[]): string {
  const chosen = outputs.find(({ judgement }) => judgement.isChoice);
  if (chosen === undefined) return 'No model is acceptable by the figures.';
  const named = (list: readonly Judged[]): string =>
    list.map(({ model, price }) => `${model}${priceText(price)}`).join(', ');
  const fine = outputs.filter((one) => one !== chosen && one.judgement.faults?.length === 0);
  const cheaper = outputs.filter(
    (one) => one.judgement.faults?.length !== 0 && priceOf(one) < priceOf(chosen),
  );
  return [
    `${named([chosen])} is the cheapest acceptable`,
    fine.length === 0 ? ', and the only one' : `; acceptable too: ${named(fine)}`,
    cheaper.length === 0 ? '' : `; cheaper, and not acceptable: ${named(cheaper)}`,
    '.',
  ].join('');
}

/** A share for people, with as many digits as its size makes worth reading: `0.34 %`, `12 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${Number(value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0))} %`;
}

function priceText(price: Credits | undefined): string {
  return price === undefined ? '' : ` (${formatCredits(price)})`;
}

function priceOf({ price }: Contender): number {
  return price ?? Number.MAX_SAFE_INTEGER;
}

function flickerOf({ figures }: Contender): number {
  return figures?.flicker ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = low] =
    sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

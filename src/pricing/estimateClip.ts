import type { ProbedClip } from '../core/clip.ts';
import { creditsFor, sumCredits, type Credits } from '../core/credits.ts';
import type { CreditRange, Estimate, Tariff } from '../core/estimate.ts';
import { MODELS, type Model } from '../core/model.ts';

/** What each model would charge for a clip. */
export function estimateClip(clip: ProbedClip, tariff: Tariff): Estimate {
  const range = (model: Model): CreditRange => {
    const rate = tariff.perMinute[model];
    const { durationUs } = clip.media;
    return {
      exact: creditsFor(durationUs, rate, 'exact'),
      second: creditsFor(durationUs, rate, 'second'),
      minute: creditsFor(durationUs, rate, 'minute'),
    };
  };
  return {
    clip,
    byModel: {
      original: range('original'),
      light: range('light'),
      pro: range('pro'),
      human: range('human'),
    },
  };
}

export interface ModelTotal extends CreditRange {
  readonly model: Model;
  /** No other model costs less; several can be cheapest. */
  readonly cheapest: boolean;
}

/** The sum over all clips for each model, in the order of the vendor's table. */
export function totalByModel(estimates: readonly Estimate[]): readonly ModelTotal[] {
  const sum = (model: Model, pick: (range: CreditRange) => Credits): Credits =>
    sumCredits(estimates.map((estimate) => pick(estimate.byModel[model])));
  const totals = MODELS.map((model) => ({
    model,
    exact: sum(model, (range) => range.exact),
    second: sum(model, (range) => range.second),
    minute: sum(model, (range) => range.minute),
  }));
  const least = Math.min(...totals.map((total) => total.exact));
  return totals.map((total) => ({ ...total, cheapest: total.exact === least }));
}

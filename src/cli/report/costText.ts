import type { Plan } from '../../batch/plan.ts';
import type { Survey } from '../../batch/survey.ts';
import { formatCredits, type BillingRounding } from '../../core/credits.ts';
import type { Model } from '../../core/model.ts';
import type { RunBill } from '../../ledger/spend.ts';
import { totalByModel } from '../../pricing/estimateClip.ts';
import type { LearnedRounding } from '../../pricing/rounding.ts';
import { counted } from './estimateText.ts';

const ROUNDING_WORDS: Readonly<Record<BillingRounding, string>> = {
  exact: 'exact time is billed',
  second: 'each started second is billed',
  minute: 'each started minute is billed',
};

/** What a plan costs, and at worst, with the reason for the difference. */
export function costText(plan: Pick<Plan, 'cost' | 'worstCase' | 'rounding'>): string {
  const { cost, worstCase, rounding } = plan;
  if (worstCase === 0) return 'costs nothing: everything is paid already';
  return `costs ${formatCredits(cost)} credits, at worst ${formatCredits(worstCase)}: ${roundingText(rounding)}`;
}

/** What the totals of models come to at worst, with the reason. */
export function worstCaseText(
  { estimates }: Pick<Survey, 'estimates'>,
  models: readonly Model[],
  rounding: LearnedRounding,
): string {
  const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
  const amounts = totals.map(
    (total) => `${total.model} ${formatCredits(total[rounding.rounding])}`,
  );
  return `at worst ${amounts.join(', ')}: ${roundingText(rounding)}`;
}

/** How the service rounds, and how that is known. */
export function roundingText({ rounding, proofs, exceeded }: LearnedRounding): string {
  if (exceeded) return 'some bills exceed even a started minute, so dearer is possible';
  return proofs === 0
    ? `perhaps ${ROUNDING_WORDS[rounding]}, no bills have shown it yet`
    : `${ROUNDING_WORDS[rounding]}, as ${counted(proofs, 'bill')} of the service show`;
}

/** One line on what the service charged for a run, beside what was estimated. */
export function billText({ jobs, billedJobs, billed, estimated, held }: RunBill): string {
  const rest =
    jobs > billedJobs
      ? `; ${jobs - billedJobs} without a bill, up to ${formatCredits(held)} credits reserved`
      : '';
  if (billedJobs === 0) return `billed: not known yet${rest}`;
  const compared =
    billed === estimated
      ? 'as estimated'
      : `${formatCredits(estimated)} estimated (${percentText(billed / estimated - 1)})`;
  return `billed: ${formatCredits(billed)} credits for ${counted(billedJobs, 'job')}, ${compared}${rest}`;
}

/** `+12.5 %`. */
export function percentText(share: number): string {
  const percent = (share * 100).toLocaleString('en-US', { maximumFractionDigits: 1 });
  return Number.isFinite(share) ? `${share > 0 ? '+' : ''}${percent} %` : 'no comparison';
}

import { formatCredits } from '../../core/credits.ts';
import { MODELS, type Model } from '../../core/model.ts';
import type { Survey } from '../../batch/survey.ts';
import { totalByModel } from '../../pricing/estimateClip.ts';
import { learnRounding, type LearnedRounding } from '../../pricing/rounding.ts';
import type { WalletState } from '../../pricing/wallet.ts';
import { walletNow } from '../session/walletNow.ts';
import { createContext, type Context, type Service } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { lookAtEnds } from '../lookAtEnds.ts';
import { findManifest } from '../manifest.ts';
import { worstCaseText } from '../report/costText.ts';
import { endsText } from '../report/endsText.ts';
import {
  estimateJson,
  estimateNotes,
  estimateRows,
  estimateTable,
  rejectedText,
} from '../report/estimateText.ts';
import { surveyInputs } from '../surveyInputs.ts';

export interface EstimateOptions {
  readonly paths: readonly string[];
  readonly profile?: string | undefined;
  readonly model?: Model;
  /** Look for black or frozen ends. */
  readonly checkEnds?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly verbose?: boolean;
}

/** `rbgv estimate`: paths to a table of costs. Sends no clip anywhere. */
export async function estimate(options: EstimateOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const models = options.model === undefined ? MODELS : [options.model];
  const signal = AbortSignal.timeout(30_000);
  const manifest = await findManifest(options.paths);
  // Prices must be had even while another run uses the sandbox, or without a network.
  const service: Service | undefined = await context
    .openService(() => undefined, { idle: true })
    .catch(() => undefined);
  try {
    const tariff = await context.tariff(service, signal);
    const survey = await surveyInputs(options.paths, [], manifest, tariff, context);
    const ends =
      options.checkEnds === true ? await lookAtEnds(survey.estimates, context) : undefined;
    const { wallet, rounding } = await readBooks(context);
    const found = { ...survey, ends, rounding };
    if (options.json === true) {
      terminal.out(JSON.stringify(estimateJson(found, tariff, profile.name, models), null, 2));
    } else if (options.csv === true) {
      const { formatCsv } = await import('../report/csv.ts');
      terminal.out(formatCsv(estimateRows(found, models)));
    } else {
      const verbose = options.verbose ?? false;
      terminal.out(estimateTable(survey, models, verbose, terminal));
      terminal.out('');
      terminal.out(estimateNotes(tariff, profile.label, models, verbose));
      terminal.out(worstCaseText(survey, models, rounding));
      const fits = wallet && fitsText(survey, models, wallet, rounding);
      if (fits !== undefined) terminal.out(fits);
      const priced = survey.estimates.map(({ clip }) => ({ clip, models }));
      const idle = endsText(ends ?? [], priced, tariff, terminal);
      if (idle !== undefined) terminal.out(`\n${idle}`);
      const rejected = rejectedText(survey, terminal);
      if (rejected !== '') terminal.out(`\n${rejected}`);
    }
    return exitCode(survey.rejected.length > 0 ? 'someFailed' : 'ok');
  } finally {
    await service?.close();
  }
}

/** What rbgv's own books tell; a ledger that cannot be read must not stop an estimate. */
async function readBooks(context: Context): Promise<{
  readonly wallet: WalletState | undefined;
  readonly rounding: LearnedRounding;
}> {
  const { scope } = context.profile;
  const ledger = await context.ledger().catch(() => undefined);
  if (ledger === undefined) return { wallet: undefined, rounding: learnRounding([]) };
  try {
    return {
      wallet: walletNow(scope, ledger, context.clock),
      rounding: learnRounding(ledger.latestBills(scope)),
    };
  } finally {
    ledger.close();
  }
}

/** Which models the wallet suffices for; `undefined` when nothing was ever written down. */
function fitsText(
  { estimates }: Pick<Survey, 'estimates'>,
  models: readonly Model[],
  { granted, left }: WalletState,
  { rounding }: LearnedRounding,
): string | undefined {
  if (granted === 0) return undefined;
  const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
  const verdicts = totals.map((total) => {
    if (total.exact > left) return `${total.model} does not fit`;
    return `${total.model} fits${total[rounding] > left ? ', but not at worst' : ''}`;
  });
  return `wallet: ${formatCredits(left)} credits by rbgv's own books; ${verdicts.join('; ')}`;
}

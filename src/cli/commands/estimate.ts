import type { Survey } from '../../batch/survey.ts';
import { formatCredits } from '../../core/credits.ts';
import { MODELS, type Model } from '../../core/model.ts';
import { totalByModel } from '../../pricing/estimateClip.ts';
import { walletAt } from '../../pricing/wallet.ts';
import { createContext, type Context, type Service } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
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
  // Prices must be had even while another run uses the sandbox, or without a network.
  const service: Service | undefined = await context
    .openService(() => undefined, { idle: true })
    .catch(() => undefined);
  try {
    const tariff = await context.tariff(service, signal);
    const survey = await surveyInputs(options.paths, [], tariff, context);
    if (options.json === true) {
      terminal.out(JSON.stringify(estimateJson(survey, tariff, profile.name, models), null, 2));
    } else if (options.csv === true) {
      const { formatCsv } = await import('../report/csv.ts');
      terminal.out(formatCsv(estimateRows(survey, models)));
    } else {
      const verbose = options.verbose ?? false;
      terminal.out(estimateTable(survey, models, verbose, terminal));
      terminal.out('');
      terminal.out(estimateNotes(tariff, profile.label, models, verbose));
      const fits = await fitsText(survey, models, context);
      if (fits !== undefined) terminal.out(fits);
      const rejected = rejectedText(survey, terminal);
      if (rejected !== '') terminal.out(`\n${rejected}`);
    }
    return exitCode(survey.rejected.length > 0 ? 'someFailed' : 'ok');
  } finally {
    await service?.close();
  }
}

/** Which models the wallet suffices for; a ledger that cannot be read must not stop an estimate. */
async function fitsText(
  { estimates }: Survey,
  models: readonly Model[],
  context: Context,
): Promise<string | undefined> {
  const { clock, profile } = context;
  const ledger = await context.ledger().catch(() => undefined);
  if (ledger === undefined) return undefined;
  try {
    const { scope } = profile;
    const wallet = walletAt(ledger.walletEntries(scope), ledger.spends(scope), clock.now());
    if (wallet.granted === 0) return undefined;
    const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
    const verdicts = totals.map(
      ({ model, exact }) => `${model} ${exact <= wallet.left ? 'fits' : 'does not fit'}`,
    );
    return `wallet: ${formatCredits(wallet.left)} credits by rbgv's own books; ${verdicts.join(', ')}`;
  } finally {
    ledger.close();
  }
}

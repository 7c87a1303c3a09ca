import { formatCredits, toNumber } from '../../core/credits.ts';
import type { Survey } from '../../batch/survey.ts';
import type { CreditRange, Tariff } from '../../core/estimate.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import { MODELS, type Model } from '../../core/model.ts';
import { totalByModel } from '../../pricing/estimateClip.ts';
import type { Terminal } from '../terminal.ts';
import { cutText } from './fitText.ts';
import { formatTable } from './table.ts';

/** Places that a name keeps on the narrowest screen. */
const LEAST_NAME = 12;

/** The estimate as a table: clips by models, totals, the cheapest marked with `*`. */
export function estimateTable(
  { estimates }: Pick<Survey, 'estimates'>,
  models: readonly Model[],
  verbose: boolean,
  terminal: Terminal,
): string {
  const cell = (range: CreditRange): string =>
    verbose
      ? `${formatCredits(range.exact)} / ${formatCredits(range.second)} / ${formatCredits(range.minute)}`
      : formatCredits(range.exact);
  const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
  const mark = models.length > 1 && estimates.length > 0;
  const seconds = estimates.reduce((sum, { clip }) => sum + clip.media.durationUs / 1e6, 0);
  const room = Math.max(LEAST_NAME, terminal.columns() - 12 - 10 * models.length);
  const rows = estimates.map(({ clip, byModel }) => [
    cutText(terminal.safe(clip.relativePath), room),
    formatDuration(clip.media.durationUs / 1e6),
    ...models.map((model) => cell(byModel[model])),
  ]);
  const count = counted(estimates.length, 'clip');
  rows.push([
    `total, ${count}`,
    formatDuration(seconds),
    ...totals.map((total) => cell(total) + (mark && total.cheapest ? ' *' : '')),
  ]);
  return formatTable(
    [
      { title: 'clip' },
      { title: 'duration', align: 'right' },
      ...models.map((title) => ({ title, align: 'right' as const })),
    ],
    rows,
  );
}

/** What stands below the table: marks, units and where the rates come from. */
export function estimateNotes(
  tariff: Tariff,
  profileName: string,
  models: readonly Model[],
  verbose: boolean,
): string {
  const lines: string[] = [];
  if (models.length > 1) lines.push('* cheapest');
  if (verbose) {
    lines.push(
      'credits: exact time / each started second billed / each started minute billed;',
      'the service does not document which of the three it does',
    );
  }
  lines.push(`rates: ${ratesSource(tariff, profileName)}`);
  return lines.join('\n');
}

/** What the totals may come to at worst, since the service does not say how it rounds. */
export function worstCaseText(
  { estimates }: Pick<Survey, 'estimates'>,
  models: readonly Model[],
): string {
  const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
  const amounts = totals.map(({ model, minute }) => `${model} ${formatCredits(minute)}`);
  return `at worst, if each started minute is billed: ${amounts.join(', ')}`;
}

function ratesSource(tariff: Tariff, profileName: string): string {
  const rates = MODELS.map((model) => `${model} ${formatCredits(tariff.perMinute[model])}`).join(
    ', ',
  );
  const when = tariff.asOf.slice(0, 16).replace('T', ' ');
  switch (tariff.source) {
    case 'live':
      return `${rates} credits/min, live from \`${profileName}\` at ${when} UTC`;
    case 'cached':
      return `${rates} credits/min, from \`${profileName}\` at ${when} UTC (cached)`;
    case 'built-in':
      return `${rates} credits/min, built into rbgv (${tariff.asOf.slice(0, 10)}): the service could not be asked`;
  }
}

/** Clips that will not be sent, with the reason and the fix; empty when there are none. */
export function rejectedText({ rejected }: Pick<Survey, 'rejected'>, terminal: Terminal): string {
  if (rejected.length === 0) return '';
  const count = counted(rejected.length, 'clip');
  return [
    `rejected: ${count}, in no total`,
    ...rejected.flatMap(({ relativePath, reason, fix }) => [
      `  ${terminal.safe(relativePath)}: ${terminal.safe(reason)}`,
      `    fix: ${terminal.safe(fix)}`,
    ]),
  ].join('\n');
}

/** The estimate as data; the shape is documented in README and versioned. */
export function estimateJson(
  { estimates, rejected }: Survey,
  tariff: Tariff,
  profileName: string,
  models: readonly Model[],
): unknown {
  const range = ({ exact, second, minute }: CreditRange): unknown => ({
    exact: toNumber(exact),
    per_started_second: toNumber(second),
    per_started_minute: toNumber(minute),
  });
  const totals = totalByModel(estimates).filter(({ model }) => models.includes(model));
  return {
    version: 1,
    profile: profileName,
    rates: {
      source: tariff.source,
      as_of: tariff.asOf,
      credits_per_minute: Object.fromEntries(
        MODELS.map((model) => [model, toNumber(tariff.perMinute[model])]),
      ),
    },
    clips: estimates.map(({ clip, byModel }) => ({
      path: clip.path,
      relative_path: clip.relativePath,
      size_bytes: clip.sizeBytes,
      duration_seconds: clip.media.durationUs / 1e6,
      width: clip.media.width,
      height: clip.media.height,
      frames_per_second: clip.media.framesPerSecond ?? null,
      audio: clip.media.hasAudio,
      codec: clip.media.videoCodec,
      read_by: clip.media.readBy,
      credits: Object.fromEntries(models.map((model) => [model, range(byModel[model])])),
    })),
    totals: Object.fromEntries(totals.map((total) => [total.model, range(total)])),
    cheapest: totals.filter((total) => total.cheapest).map((total) => total.model),
    rejected: rejected.map(({ path, relativePath, code, reason, fix }) => ({
      path,
      relative_path: relativePath,
      code,
      reason,
      fix,
    })),
  };
}

/** One line a clip; rejected ones with their reason and no credits. */
export function estimateRows(
  { estimates, rejected }: Survey,
  models: readonly Model[],
): readonly (readonly (string | number)[])[] {
  return [
    ['path', 'duration_seconds', ...models.map((model) => `credits_${model}`), 'rejected'],
    ...estimates.map(({ clip, byModel }) => [
      clip.path,
      clip.media.durationUs / 1e6,
      ...models.map((model) => toNumber(byModel[model].exact)),
      '',
    ]),
    ...rejected.map(({ path, reason }) => [path, '', ...models.map(() => ''), reason]),
  ];
}

/** `1 clip`, `3 clips`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

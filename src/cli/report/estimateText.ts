import { formatCredits, toNumber } from '../../core/credits.ts';
import type { Survey } from '../../batch/survey.ts';
import type { ProbedClip } from '../../core/clip.ts';
import type { CreditRange, Tariff } from '../../core/estimate.ts';
import { formatDuration } from '../../core/formatDuration.ts';
import { MODELS, type Model } from '../../core/model.ts';
import { totalByModel } from '../../pricing/estimateClip.ts';
import type { LearnedRounding } from '../../pricing/rounding.ts';
import type { FoundEnds } from '../lookAtEnds.ts';
import type { Terminal } from '../terminal.ts';
import { idleCredits } from './endsText.ts';
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

/** A survey with what else was found out for an estimate. */
export interface Estimated extends Survey {
  /** One for each clip; `undefined`: nobody looked. */
  readonly ends: readonly (FoundEnds | undefined)[] | undefined;
  readonly rounding: LearnedRounding;
}

/** The estimate as data; the shape is documented in README and versioned. */
export function estimateJson(
  { estimates, rejected, ends, rounding: { rounding } }: Estimated,
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
  const idleJson = (found: FoundEnds, clip: ProbedClip): unknown => ({
    head_seconds: found.headUs / 1e6,
    tail_seconds: found.tailUs / 1e6,
    credits: Object.fromEntries(
      models.map((model) => [model, toNumber(idleCredits(found, clip, model, tariff))]),
    ),
  });
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
    clips: estimates.map(({ clip, byModel }, index) => ({
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
      ...(ends === undefined
        ? {}
        : { idle_ends: ends[index] ? idleJson(ends[index], clip) : null }),
    })),
    totals: Object.fromEntries(totals.map((total) => [total.model, range(total)])),
    worst_case_rounding: rounding,
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
  { estimates, rejected, ends, rounding: { rounding } }: Estimated,
  models: readonly Model[],
): readonly (readonly (string | number)[])[] {
  const idle = ends === undefined ? [] : ['idle_head_seconds', 'idle_tail_seconds'];
  return [
    [
      ...['path', 'duration_seconds', ...models.map((model) => `credits_${model}`), 'rejected'],
      ...[...models.map((model) => `at_worst_${model}`), ...idle],
    ],
    ...estimates.map(({ clip, byModel }, index) => [
      clip.path,
      clip.media.durationUs / 1e6,
      ...models.map((model) => toNumber(byModel[model].exact)),
      '',
      ...models.map((model) => toNumber(byModel[model][rounding])),
      ...(ends === undefined ? [] : [ends[index]?.headUs ?? 0, ends[index]?.tailUs ?? 0]).map(
        (us) => us / 1e6,
      ),
    ]),
    ...rejected.map(({ path, reason }) => [
      ...[path, '', ...models.map(() => ''), reason],
      ...[...models, ...idle].map(() => ''),
    ]),
  ];
}

/** `1 clip`, `3 clips`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

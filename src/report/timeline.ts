import { formatDuration } from '../core/formatDuration.ts';
import { html, type Html } from './html.ts';
import type { ReportedClip } from './report.ts';
import { timeIn, type Phase, type Span } from './spans.ts';

/** Rows that are drawn; where there are more clips, neighbours share one. */
const MOST_ROWS = 120;
/** The drawing's units from left to right. */
const WIDTH = 1000;
/** Gaps narrower than this are not drawn, which bounds the number of bars. */
const LEAST_GAP = 4;

const TALLEST_ROW = 14;
const LOWEST_ROW = 3;
const HEIGHT = 320;

/** Drawn in this order; each phase has its own thickness, so that colour is not needed. */
const PHASES: readonly { readonly phase: Phase; readonly share: number; readonly word: string }[] =
  [
    { phase: 'processing', share: 0.8, word: 'at work at the service' },
    { phase: 'upload', share: 0.3, word: 'upload' },
    { phase: 'download', share: 0.5, word: 'download and check' },
  ];

/**
 * When each clip was in which phase: one row a clip, in the order of their beginnings. Above 120
 * clips neighbours share a row. Nothing for a run in which nothing was sent.
 */
export function timelineSection(clips: readonly ReportedClip[]): Html | undefined {
  const begun = clips
    .filter(({ spans }) => spans.length > 0)
    .sort((one, other) => beginning(one) - beginning(other));
  const endMs = begun.reduce((end, { spans }) => Math.max(end, spans.at(-1)?.toMs ?? 0), 0);
  if (endMs === 0) return undefined;
  const perRow = Math.ceil(begun.length / MOST_ROWS);
  const rows = Array.from({ length: Math.ceil(begun.length / perRow) }, (_, index) =>
    begun.slice(index * perRow, (index + 1) * perRow),
  );
  const rowHeight = Math.min(TALLEST_ROW, Math.max(LOWEST_ROW, Math.floor(HEIGHT / rows.length)));
  const height = rowHeight * rows.length;
  const sums = PHASES.map(({ phase, word }) => {
    const ms = begun.reduce((sum, { spans }) => sum + timeIn(phase, spans), 0);
    return html`<li class="${phase}"><i></i>${word}: ${formatDuration(ms / 1000)} in all</li>`;
  });
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <figure>
      <svg
        role="img"
        aria-label="When each of ${begun.length} clips was uploaded, at work and downloaded; the sums follow"
        viewBox="0 0 ${WIDTH} ${height}"
        height="${height}"
        preserveAspectRatio="none"
      >
        ${rows.map((row, index) => timelineRow(row, index * rowHeight, rowHeight, endMs))}
      </svg>
      <p class="axis" aria-hidden="true">
        ${[0, 0.25, 0.5, 0.75, 1].map(
          (share) => html`<span>${formatDuration((endMs * share) / 1000)}</span>`,
        )}
      </p>
      <figcaption>
        <ul class="legend">
          ${sums}
        </ul>
      </figcaption>
    </figure>
  </section>`;
}

function beginning({ spans }: ReportedClip): number {
  return spans[0]?.fromMs ?? 0;
}

function timelineRow(
  row: readonly ReportedClip[],
  top: number,
  height: number,
  endMs: number,
): Html {
  const [first, ...others] = row;
  const title =
    others.length === 0 ? first?.name : `${first?.name ?? ''} and ${others.length} more`;
  const spans = row.flatMap((clip) => clip.spans);
  const bars = PHASES.flatMap(({ phase, share }) => {
    const thickness = height * share;
    const y = top + (height - thickness) / 2;
    const d = merged(
      spans.filter((span) => span.phase === phase),
      endMs,
    ).map(([from, to]) => `M${from} ${y}h${to - from}v${thickness}H${from}z`);
    return d.length === 0 ? [] : [html`<path class="${phase}" d="${d.join('')}" />`];
  });
  return html`<g><title>${title}</title>${bars}</g>`;
}

/** Spans as pairs of whole units, those that nearly touch made one. */
function merged(spans: readonly Span[], endMs: number): readonly (readonly [number, number])[] {
  const unit = (ms: number): number => Math.round((ms / endMs) * WIDTH);
  const bars: [number, number][] = [];
  for (const span of [...spans].sort((one, other) => one.fromMs - other.fromMs)) {
    const from = unit(span.fromMs);
    const to = Math.max(unit(span.toMs), from + 1);
    const last = bars.at(-1);
    if (last !== undefined && from - last[1] < LEAST_GAP) last[1] = Math.max(last[1], to);
    else bars.push([from, to]);
  }
  return bars;
}

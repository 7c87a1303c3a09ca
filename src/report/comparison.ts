import { choiceText, percent, verdictText } from '../core/comparison.ts';
import { formatCredits } from '../core/credits.ts';
import { outputFigure, sourceFigure } from './figures.ts';
import { html, type Html } from './html.ts';
import type { ComparedOutput, Comparison, Pictures, ReportedClip } from './report.ts';

/** Clips that went through several models: the same moment side by side, with what was measured. */
export function comparisonSection(
  comparisons: readonly Comparison[],
  pictures: ReadonlyMap<ReportedClip, Pictures>,
): Html | undefined {
  if (comparisons.length === 0) return undefined;
  return html`<section aria-labelledby="models">
    <h2 id="models">Models side by side</h2>
    <p class="note">
      Flicker: what alpha changes by where the picture does not, a frame, of the subject’s area.
      Coverage: what is opaque, of the picture. Jump: its largest change from one frame to the next,
      of its largest value. Edge: width of the half-transparent rim, of the shorter side.
    </p>
    ${comparisons.map((comparison, index) => clipRow(comparison, pictures, index))}
  </section>`;
}

function clipRow(
  { name, outputs }: Comparison,
  pictures: ReadonlyMap<ReportedClip, Pictures>,
  index: number,
): Html {
  const [pair] = outputs.flatMap(({ clip }) => pictures.get(clip) ?? []);
  return html`<article aria-labelledby="compared-${index}">
    <h3 id="compared-${index}"><bdi>${name}</bdi></h3>
    <p>${choiceText(outputs)}</p>
    <div class="models">
      ${pair === undefined ? undefined : html`<div class="model">${sourceFigure(name, pair)}</div>`}
      ${outputs.map((output) => modelColumn(output, pictures.get(output.clip)))}
    </div>
  </article>`;
}

function modelColumn(output: ComparedOutput, pair: Pictures | undefined): Html {
  const { clip, model, price, figures, judgement } = output;
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['credits', price === undefined ? '–' : formatCredits(price)],
    ...(figures === undefined
      ? []
      : ([
          ['flicker', percent(figures.flicker)],
          ['coverage', percent(figures.coverage)],
          ['jump', percent(figures.jump)],
          ['edge', percent(figures.edge)],
        ] as const)),
  ];
  const verdict = clip.status === 'done' ? verdictText(judgement) : clip.status;
  return html`<div class="${judgement.isChoice ? 'model chosen' : 'model'}">
    ${pair === undefined ? html`<p>${model}</p>` : outputFigure(clip, pair, model)}
    <p class="verdict">
      ${judgement.isChoice ? html`<span aria-hidden="true">★</span> ` : undefined}${verdict}
    </p>
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </div>`;
}

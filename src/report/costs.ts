import { formatCredits, sumCredits, type Credits } from '../core/credits.ts';
import { formatDuration } from '../core/formatDuration.ts';
import { html, type Html } from './html.ts';
import type { ReportedClip } from './report.ts';

/** What was spent, by one way to tell clips apart. */
export interface CostTable {
  /** What a row stands for, such as `model` or a tag's name. */
  readonly by: string;
  readonly rows: readonly CostRow[];
}

export interface CostRow {
  readonly name: string;
  readonly clips: number;
  /** Clips that are done. */
  readonly outputs: number;
  /** Of all its clips together. */
  readonly seconds: number;
  /** By rbgv's books. */
  readonly credits: Credits;
}

/** The row of some clips. */
export function costRow(name: string, clips: readonly ReportedClip[]): CostRow {
  return {
    name,
    clips: clips.length,
    outputs: clips.filter(({ status }) => status === 'done').length,
    seconds: clips.reduce((sum, clip) => sum + (clip.durationSeconds ?? 0), 0),
    credits: sumCredits(clips.map((clip) => clip.credits)),
  };
}

/** One table for each way to look at what was spent. */
export function costsSection(tables: readonly CostTable[]): Html {
  return html`<section aria-labelledby="costs">
    <h2 id="costs">Credits</h2>
    <div class="scroll" role="region" aria-labelledby="costs" tabindex="0">
      ${tables.map(costTable)}
    </div>
  </section>`;
}

function costTable({ by, rows }: CostTable): Html {
  return html`<table class="plain">
    <caption class="hidden">
      Credits by ${by}
    </caption>
    <thead>
      <tr>
        <th scope="col">${by}</th>
        <th scope="col" class="number">clips</th>
        <th scope="col" class="number">outputs</th>
        <th scope="col" class="number">video</th>
        <th scope="col" class="number">credits</th>
        <th scope="col" class="number">per output</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, clips, outputs, seconds, credits }) =>
          html`<tr>
            <th scope="row"><bdi>${name}</bdi></th>
            <td class="number">${clips}</td>
            <td class="number">${outputs}</td>
            <td class="number">${formatDuration(seconds)}</td>
            <td class="number">${formatCredits(credits)}</td>
            <td class="number">
              ${outputs === 0 ? '–' : formatCredits((credits / outputs) as Credits)}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

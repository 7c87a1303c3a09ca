import { createHash } from 'node:crypto';

import { formatCredits, sumCredits } from '../core/credits.ts';
import { formatDuration } from '../core/formatDuration.ts';
import { adviceSection } from './advice.ts';
import { clipsSection } from './clipTable.ts';
import { comparisonSection } from './comparison.ts';
import { costsSection } from './costs.ts';
import { backdropChoice } from './figures.ts';
import { gallerySection } from './gallery.ts';
import { html, verbatim, type Html } from './html.ts';
import { PAGE_SCRIPT } from './pageScript.ts';
import { PAGE_STYLE } from './pageStyle.ts';
import type { Pictures, ReportedClip, ReportedRun, RunReport } from './report.ts';
import { timelineSection } from './timeline.ts';

/** The first bytes of every report: by these rbgv knows a file that it may replace. */
export const REPORT_MARK =
  '<!doctype html>\n<html lang="en">\n<head>\n<meta name="generator" content="rbgv report">\n';

/**
 * Nothing is loaded from anywhere but the page itself and, when a person plays one, an output beside
 * it. `file:` is named because a page from disk has no origin that `'self'` could mean.
 */
const POLICY = [
  "default-src 'none'",
  `script-src '${digest(PAGE_SCRIPT)}'`,
  `style-src '${digest(PAGE_STYLE)}'`,
  'img-src data:',
  "media-src 'self' file:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** One run as one HTML page that needs nothing else: no network, no other file, and no script. */
export function reportPage(
  report: RunReport,
  pictures: ReadonlyMap<ReportedClip, Pictures>,
): string {
  const { run, clips, costs, comparisons } = report;
  const compared = new Set(comparisons.flatMap(({ outputs }) => outputs.map(({ clip }) => clip)));
  const galleried = new Map([...pictures].filter(([clip]) => !compared.has(clip)));
  const done = clips.filter(({ status }) => status === 'done').length;
  const headline =
    done === clips.length
      ? `${done === 1 ? '1 clip' : `All ${done} clips`} done`
      : `${done} of ${clips.length} clips done`;
  const head = html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${verbatim(POLICY)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="no-referrer" />
    <title>${`${headline} · rbgv run ${run.id}`}</title>
    <link rel="icon" href="data:," />
    ${verbatim(`<style>${PAGE_STYLE}</style>\n<script>${PAGE_SCRIPT}</script>\n`)}`;
  const body = html`<header>
      <h1>${headline}</h1>
      <p class="about">
        <span>run ${run.id}</span> <span>model ${each(clips, 'model')}</span>
        <span>format ${each(clips, 'format')}</span>
        <span>profile ${run.profile}</span> <span>${began(run)}</span>
      </p>
    </header>
    <main>
      ${facts(run, clips)} ${adviceSection(clips, run.id)}
      ${pictures.size === 0 ? undefined : backdropChoice()}
      ${comparisonSection(comparisons, pictures)} ${gallerySection(galleried)}
      ${costsSection(costs)} ${timelineSection(clips)} ${clipsSection(clips)}
    </main>
    <footer>
      Written by rbgv ${run.version}. Credits are rbgv's own books: estimates of the starts that
      were paid in this run.
    </footer>`;
  return `${REPORT_MARK}${head.markup}</head>\n<body>\n${body.markup}\n</body>\n</html>\n`;
}

/** `light`, or `light and human` where clips were asked for different things. */
function each(clips: readonly ReportedClip[], member: 'model' | 'format'): string {
  return [...new Set(clips.map((clip) => clip[member]))].join(' and ');
}

function facts(run: ReportedRun, clips: readonly ReportedClip[]): Html {
  const count = (status: ReportedClip['status']): number =>
    clips.filter((clip) => clip.status === status).length;
  const seconds = clips.reduce((sum, clip) => sum + (clip.durationSeconds ?? 0), 0);
  const rows: readonly (readonly [name: string, value: string | number])[] = [
    ['done', count('done')],
    ...(['failed', 'pending', 'rejected'] as const).flatMap((status) =>
      count(status) === 0 ? [] : [[status, count(status)] as const],
    ),
    ...(count('open') === 0 ? [] : [['not finished', count('open')] as const]),
    ['credits', formatCredits(sumCredits(clips.map((clip) => clip.credits)))],
    ['of video', formatDuration(seconds)],
    ...(run.finishedAt === undefined
      ? []
      : [['from start to end', formatDuration((run.finishedAt - run.startedAt) / 1000)] as const]),
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function began({ startedAt, finishedAt }: ReportedRun): string {
  const minute = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
  return `${minute} UTC${finishedAt === undefined ? ', not ended' : ''}`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

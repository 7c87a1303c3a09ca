import { formatCredits, toNumber } from '../core/credits.ts';
import { formatDuration } from '../core/formatDuration.ts';
import { unrest, unrestText } from './gallery.ts';
import { html, type Html } from './html.ts';
import type { ReportedClip } from './report.ts';
import { timeIn, type Phase } from './spans.ts';

/** A sign beside each word: status is never told by colour. */
const STATUS: Readonly<Record<ReportedClip['status'], readonly [sign: string, word: string]>> = {
  done: ['✓', 'done'],
  failed: ['✕', 'failed'],
  pending: ['…', 'pending'],
  rejected: ['–', 'rejected'],
  open: ['○', 'not finished'],
};

const SORTS = [
  ['order', 'as planned'],
  ['unrest', 'worst frame first'],
  ['name', 'name'],
  ['status', 'status'],
  ['credits', 'most credits first'],
  ['seconds', 'slowest first'],
] as const;

/** Every clip as one row of a table that stands by itself; a script adds filter, order and pages. */
export function clipsSection(clips: readonly ReportedClip[]): Html {
  const present = new Set(clips.map(({ status }) => status));
  return html`<section aria-labelledby="clips">
    <h2 id="clips">Clips</h2>
    <form class="tools">
      <label>Name <input type="search" name="name" autocomplete="off" /></label>
      <label
        >Status
        <select name="status">
          <option value="">all</option>
          ${Object.entries(STATUS)
            .filter(([status]) => present.has(status as ReportedClip['status']))
            .map(([status, [, word]]) => html`<option value="${status}">${word}</option>`)}
        </select></label
      >
      <label
        >Order
        <select name="sort">
          ${SORTS.map(([sort, words]) => html`<option value="${sort}">${words}</option>`)}
        </select></label
      >
      <output id="count" aria-live="polite"></output>
    </form>
    <table id="table">
      <caption class="hidden">
        Every clip of the run
      </caption>
      <thead>
        <tr>
          <th scope="col">clip</th>
          <th scope="col">status</th>
          <th scope="col" class="number">length</th>
          <th scope="col" class="number">credits</th>
          <th scope="col" class="number">upload, work, download</th>
          <th scope="col">worst frame</th>
        </tr>
      </thead>
      <tbody>
        ${clips.map(clipRow)}
      </tbody>
    </table>
    <p class="tools"><button type="button" id="more" hidden>Show more</button></p>
  </section>`;
}

function clipRow(clip: ReportedClip): Html {
  const { name, status, href, jobId, requestId, reason, durationSeconds, credits, spans } = clip;
  const [sign, word] = STATUS[status];
  const phases: readonly Phase[] = ['upload', 'processing', 'download'];
  const times = phases.map((phase) => timeIn(phase, spans) / 1000);
  const seconds = times.reduce((sum, time) => sum + time, 0);
  const shown = html`<bdi>${name}</bdi>`;
  return html`<tr
    data-status="${status}"
    data-unrest="${unrest(clip)}"
    data-credits="${toNumber(credits)}"
    data-seconds="${seconds.toFixed(1)}"
  >
    <th scope="row">
      ${href === undefined ? shown : html`<a href="${href}">${shown}</a>`}
      ${jobId === undefined ? undefined : html`<small><span class="hidden">job </span>${jobId}</small>`}
      ${requestId === undefined ? undefined : html`<small><span class="hidden">request </span>${requestId}</small>`}
      ${status === 'done' || reason === undefined ? undefined : html`<small class="reason">${reason}</small>`}
    </th>
    <td class="${status}"><span aria-hidden="true">${sign}</span> ${word}</td>
    <td class="number">${durationSeconds === undefined ? '–' : formatDuration(durationSeconds)}</td>
    <td class="number">${formatCredits(credits)}</td>
    <td class="number">
      ${seconds === 0 ? '–' : `${times.map((time) => time.toFixed(1)).join(' + ')} s`}
    </td>
    <td>${unrestText(clip) ?? '–'}</td>
  </tr>`;
}

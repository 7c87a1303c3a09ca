import { formatDuration } from '../core/formatDuration.ts';
import type { OutputFormat } from '../core/model.ts';
import { worstFrame } from '../core/steadiness.ts';
import { html, verbatim, type Html } from './html.ts';
import type { Pictures, ReportedClip } from './report.ts';

/** Clips that a report has pictures of: about half a megabyte, and a few seconds. */
const MOST_PICTURED = 24;

/** What browsers play by themselves. */
const PLAYABLE: ReadonlySet<OutputFormat> = new Set(['webm', 'mp4']);

/** How much a frame's alpha is out of line, against the subject's area; 0 when it is not known. */
export function unrest({ steadiness }: ReportedClip): number {
  return steadiness === undefined ? 0 : worstFrame(steadiness).share;
}

/** Below this nothing is worth a look: movement alone does as much. */
const CALM = 0.1;

/** The clips to make pictures of, the worst first, then in the order of the plan. */
export function clipsToPicture(clips: readonly ReportedClip[]): readonly ReportedClip[] {
  return clips
    .filter(({ href }) => href !== undefined)
    .sort((one, other) => rank(other) - rank(one))
    .slice(0, MOST_PICTURED);
}

function rank(clip: ReportedClip): number {
  return unrest(clip) < CALM ? 0 : unrest(clip);
}

/** The moment of a clip to show, 0 up to 1: the worst frame, or the middle of a calm clip. */
export function momentToShow(clip: ReportedClip): number {
  const { steadiness } = clip;
  if (steadiness === undefined || rank(clip) === 0) return 0.5;
  // Half a frame early: a seek takes the first frame that is not before its time.
  return Math.max(0, worstFrame(steadiness).frame - 0.5) / steadiness.frameCount;
}

/** What a clip's worst frame is like, in words; `undefined` when it was not measured. */
export function unrestText(clip: ReportedClip): string | undefined {
  const { steadiness, durationSeconds } = clip;
  if (steadiness === undefined) return undefined;
  if (rank(clip) === 0) return 'steady';
  const { kind, share, frame } = worstFrame(steadiness);
  const percent = `${Math.round(share * 100)} %`;
  const seconds = ((durationSeconds ?? 0) * frame) / steadiness.frameCount;
  return kind === 'flicker'
    ? `flickers by ${percent} at ${formatDuration(seconds)}`
    : `jumps by ${percent} at ${formatDuration(seconds)}`;
}

/** Before and after of the clips that were pictured, over a backdrop that can be chosen. */
export function gallerySection(
  pictures: ReadonlyMap<ReportedClip, Pictures>,
  format: OutputFormat,
): Html | undefined {
  if (pictures.size === 0) return undefined;
  const cards = [...pictures].map(([clip, pair], index) => card(clip, pair, format, index));
  return html`<section aria-labelledby="pictures">
    <h2 id="pictures">Before and after</h2>
    <p class="note">
      Where the alpha flickers or jumps most comes first, at that frame; calm clips show their
      middle. Shares are of the subject's own area. At most ${MOST_PICTURED} clips have pictures.
    </p>
    <fieldset class="choice">
      <legend>Backdrop</legend>
      <label><input type="radio" name="backdrop" value="checks" checked />checks</label>
      <label><input type="radio" name="backdrop" value="white" />white</label>
      <label><input type="radio" name="backdrop" value="black" />black</label>
    </fieldset>
    <div class="cards">${cards}</div>
  </section>`;
}

function card(clip: ReportedClip, pair: Pictures, format: OutputFormat, index: number): Html {
  const { name, href = '' } = clip;
  const after = dataUri(pair.after);
  const label = `After: ${name}`;
  // The button works by the script, which shows it; the link works without.
  const [shown, button] = PLAYABLE.has(format)
    ? [
        html`<video
          loop
          muted
          playsinline
          preload="none"
          poster="${after}"
          src="${href}"
          aria-label="${label}"
        ></video>`,
        html`<button type="button" class="play" aria-label="${`Play ${name}`}" hidden>
          play
        </button>`,
      ]
    : [html`<img src="${after}" alt="${label}" />`];
  return html`<article aria-labelledby="card-${index}">
    <h3 id="card-${index}"><bdi>${name}</bdi></h3>
    <div class="pair">
      <figure>
        <img src="${dataUri(pair.before)}" alt="${`Before: ${name}`}" />
        <figcaption>before</figcaption>
      </figure>
      <figure class="after">
        ${shown}
        <figcaption>
          after ${button}
          <a href="${href}" aria-label="${`Open the output of ${name}`}">open</a>
        </figcaption>
      </figure>
    </div>
    <p class="note">${unrestText(clip) ?? 'not measured'}</p>
  </article>`;
}

function dataUri(webp: Uint8Array): Html {
  return verbatim(`data:image/webp;base64,${Buffer.from(webp).toString('base64')}`);
}

import { formatDuration } from '../core/formatDuration.ts';
import { worstFrame } from '../core/steadiness.ts';
import { html, type Html } from './html.ts';
import { outputFigure, sourceFigure } from './figures.ts';
import type { Pictures, ReportedClip } from './report.ts';

/** Clips that a report has pictures of: about half a megabyte, and a few seconds. */
const MOST_PICTURED = 24;

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

/** Before and after of the clips that were pictured. */
export function gallerySection(pictures: ReadonlyMap<ReportedClip, Pictures>): Html | undefined {
  if (pictures.size === 0) return undefined;
  const cards = [...pictures].map(([clip, pair], index) => card(clip, pair, index));
  return html`<section aria-labelledby="pictures">
    <h2 id="pictures">Before and after</h2>
    <p class="note">
      Where the alpha flickers or jumps most comes first, at that frame; calm clips show their
      middle. Shares are of the subject's own area. At most ${MOST_PICTURED} clips have pictures.
    </p>
    <div class="cards">${cards}</div>
  </section>`;
}

function card(clip: ReportedClip, pair: Pictures, index: number): Html {
  const { name } = clip;
  return html`<article aria-labelledby="card-${index}">
    <h3 id="card-${index}"><bdi>${name}</bdi></h3>
    <div class="pair">${sourceFigure(name, pair)} ${outputFigure(clip, pair, 'after')}</div>
    <p class="note">${unrestText(clip) ?? 'not measured'}</p>
  </article>`;
}

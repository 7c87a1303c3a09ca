import type { OutputFormat } from '../core/model.ts';
import { html, verbatim, type Html } from './html.ts';
import type { Pictures, ReportedClip } from './report.ts';

/** What browsers play by themselves. */
const PLAYABLE: ReadonlySet<OutputFormat> = new Set(['webm', 'mp4']);

/** What outputs are shown over, for the whole page. */
export function backdropChoice(): Html {
  return html`<fieldset class="choice">
    <legend>Backdrop</legend>
    <label><input type="radio" name="backdrop" value="checks" checked />checks</label>
    <label><input type="radio" name="backdrop" value="white" />white</label>
    <label><input type="radio" name="backdrop" value="black" />black</label>
  </fieldset>`;
}

/** A clip as it was filmed. */
export function sourceFigure(name: string, { before }: Pictures): Html {
  return html`<figure>
    <img src="${dataUri(before)}" alt="${`Before: ${name}`}" />
    <figcaption>before</figcaption>
  </figure>`;
}

/** An output over the backdrop, which plays where the browser can. */
export function outputFigure(
  { name, format, href = '' }: ReportedClip,
  pictures: Pictures,
  caption: string,
): Html {
  const after = dataUri(pictures.after);
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
  return html`<figure class="after">
    ${shown}
    <figcaption>
      ${caption} ${button}
      <a href="${href}" aria-label="${`Open the output of ${name}`}">open</a>
    </figcaption>
  </figure>`;
}

function dataUri(webp: Uint8Array): Html {
  return verbatim(`data:image/webp;base64,${Buffer.from(webp).toString('base64')}`);
}

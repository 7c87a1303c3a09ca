import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/**
 * Text that takes exactly so many places on a screen: filled up with spaces, or with its middle
 * left out, so that both the beginning of a name and its extension can be read.
 *
 * @param text printable already, without colours
 * @param width places, a wide character takes two
 */
export function fitText(text: string, width: number): string {
  const cut = cutText(text, width);
  return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
}

/** The same without filling up. */
export function cutText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const parts = Array.from(segmenter.segment(text), ({ segment }) => segment);
  const tail = take(parts.toReversed(), Math.floor((width - 1) / 3)).toReversed();
  const head = take(parts, width - 1 - stringWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

/** As many of the parts as fit, from the first on. */
function take(parts: readonly string[], width: number): readonly string[] {
  let left = width;
  const end = parts.findIndex((part) => (left -= stringWidth(part)) < 0);
  return end === -1 ? parts : parts.slice(0, end);
}

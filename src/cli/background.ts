import { NAMED_COLORS, type Background, type Rgb } from '../core/background.ts';
import { RbgvError } from '../core/errors.ts';

/**
 * Reads what a person typed after `--background`.
 *
 * @throws RbgvError `bad_background`
 */
export function parseBackground(text: string): Background {
  if (text === 'transparent') return { type: 'transparent' };
  if (text in NAMED_COLORS) {
    return { type: 'color', rgb: NAMED_COLORS[text as keyof typeof NAMED_COLORS] };
  }
  const hex = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (hex !== null) {
    const rgb = hex.slice(1).map((part) => parseInt(part, 16)) as unknown as Rgb;
    return { type: 'color', rgb };
  }
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return { type: 'image', url: text };
  throw new RbgvError('usage', 'bad_background', `\`${text}\` is no background`, {
    hint: 'transparent, green, white, black, blue, a colour like #1e90ff, or the URL of an image',
  });
}

import { NAMED_COLORS, type Background, type Rgb } from '../../core/background.ts';
import type { Behaviour } from '../behaviour.ts';
import { invalidRequest } from './apiFailure.ts';

/** The background fields of a create or start body, flat and nested (C4). */
export interface BackgroundFields {
  readonly bg_type?: string | undefined;
  readonly bg_color?: readonly number[] | undefined;
  readonly bg_image_url?: string | undefined;
  readonly background?:
    | {
        readonly type: string;
        readonly color?: string | readonly number[] | undefined;
        readonly image_url?: string | undefined;
      }
    | undefined;
}

/**
 * Reads the background out of a body, in the union of all spellings on the vendor's pages (C2):
 * transparent, a colour by name, `custom` or `color` with a colour, `image` with a URL.
 *
 * @returns `undefined` when the body names none
 * @throws ApiFailure 400 on an unknown type, a missing part, or two that contradict each other
 */
export function readBackground(fields: BackgroundFields): Background | undefined {
  const { bg_type: type, bg_color: color, bg_image_url: url, background: nest } = fields;
  const flat = type === undefined ? undefined : backgroundOf('bg_', type, color, url);
  const nested =
    nest === undefined
      ? undefined
      : backgroundOf('background.', nest.type, nest.color, nest.image_url);
  if (flat && nested && JSON.stringify(flat) !== JSON.stringify(nested)) {
    throw invalidRequest('bg_type and background contradict each other');
  }
  return nested ?? flat;
}

/** The background of a create that names none (C1). */
export function defaultBackground(word: Behaviour['defaultBackground']): Background {
  return word === 'green' ? { type: 'color', rgb: NAMED_COLORS.green } : { type: 'transparent' };
}

function backgroundOf(
  prefix: string,
  type: string,
  color: string | readonly number[] | undefined,
  imageUrl: string | undefined,
): Background {
  if (isColorName(type)) return { type: 'color', rgb: NAMED_COLORS[type] };
  switch (type) {
    case 'transparent':
      return { type };
    case 'color':
    case 'custom':
      return { type: 'color', rgb: readColor(`${prefix}color`, color) };
    case 'image':
      if (imageUrl === undefined) throw invalidRequest(`${prefix}image_url is required`);
      return { type, url: imageUrl };
    default:
      throw invalidRequest(`${prefix}type is unknown: ${type}`);
  }
}

function isColorName(word: string): word is keyof typeof NAMED_COLORS {
  return Object.hasOwn(NAMED_COLORS, word);
}

/** `#rrggbb`, or three numbers 0..1; 8-bit values are refused (C3). */
function readColor(field: string, color: string | readonly number[] | undefined): Rgb {
  if (typeof color === 'string') {
    const hex = /^#?([0-9a-f]{6})$/i.exec(color)?.[1];
    if (hex === undefined) throw invalidRequest(`${field} must be #rrggbb`);
    const value = Number.parseInt(hex, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [red, green, blue, ...more] = color ?? [];
  if (red === undefined || green === undefined || blue === undefined || more.length > 0) {
    throw invalidRequest(`${field} must be three numbers`);
  }
  if ([red, green, blue].some((channel) => channel < 0 || channel > 1)) {
    throw invalidRequest(`${field} must be normalised RGB: each number from 0 to 1`);
  }
  return [Math.round(red * 255), Math.round(green * 255), Math.round(blue * 255)];
}

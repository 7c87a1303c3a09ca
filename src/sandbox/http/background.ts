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

type Rules = Pick<Behaviour, 'backgroundStyle' | 'bgTypes' | 'colorRange'>;

/** The words for a background that this service knows (C2). */
const TYPES: Readonly<Record<Behaviour['bgTypes'], readonly string[]>> = {
  names: ['transparent', 'green', 'white', 'black', 'blue', 'custom'],
  kinds: ['transparent', 'color', 'image'],
  all: ['transparent', 'green', 'white', 'black', 'blue', 'custom', 'color', 'image'],
};

/**
 * Reads the background out of a body, in the spellings of the vendor's pages (C2, C4): transparent,
 * a colour by name, `custom` or `color` with a colour, `image` with a URL.
 *
 * @returns `undefined` when the body names none
 * @throws ApiFailure 400 on an unknown type, a missing part, or two that contradict each other
 */
export function readBackground(fields: BackgroundFields, rules: Rules): Background | undefined {
  const { bg_type: type, bg_color: color, bg_image_url: url, background: nest } = fields;
  const flat =
    type === undefined || rules.backgroundStyle === 'nested'
      ? undefined
      : backgroundOf('bg_', type, color, url, rules);
  const nested =
    nest === undefined || rules.backgroundStyle === 'flat'
      ? undefined
      : backgroundOf('background.', nest.type, nest.color, nest.image_url, rules);
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
  rules: Rules,
): Background {
  if (!TYPES[rules.bgTypes].includes(type)) {
    throw invalidRequest(`${prefix}type is unknown: ${type}`);
  }
  if (isColorName(type)) return { type: 'color', rgb: NAMED_COLORS[type] };
  switch (type) {
    case 'transparent':
      return { type };
    case 'image':
      if (imageUrl === undefined) throw invalidRequest(`${prefix}image_url is required`);
      return { type, url: imageUrl };
    default:
      return { type: 'color', rgb: readColor(`${prefix}color`, color, rules.colorRange) };
  }
}

function isColorName(word: string): word is keyof typeof NAMED_COLORS {
  return Object.hasOwn(NAMED_COLORS, word);
}

/** `#rrggbb`, or three numbers in the range that this service reads (C3). */
function readColor(
  field: string,
  color: string | readonly number[] | undefined,
  range: Behaviour['colorRange'],
): Rgb {
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
  const channels = [red, green, blue];
  const isNormalised = channels.every((channel) => channel >= 0 && channel <= 1);
  if (range === '8bit' || (range === 'either' && !isNormalised)) {
    if (channels.some((channel) => channel < 0 || channel > 255)) {
      throw invalidRequest(`${field} must be RGB: each number from 0 to 255`);
    }
    return [Math.round(red), Math.round(green), Math.round(blue)];
  }
  if (!isNormalised) {
    throw invalidRequest(`${field} must be normalised RGB: each number from 0 to 1`);
  }
  return [Math.round(red * 255), Math.round(green * 255), Math.round(blue * 255)];
}

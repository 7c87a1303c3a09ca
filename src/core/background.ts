/** What stands behind the subject in the output. Colours are 8-bit RGB. */
export type Background =
  | { readonly type: 'transparent' }
  | { readonly type: 'color'; readonly rgb: Rgb }
  | { readonly type: 'image'; readonly url: string };

export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * The colours the service knows by name (vendor page: create job). The page gives no values but for
 * green, which the colour guide's snapshot fixes as #09A246.
 */
export const NAMED_COLORS: Readonly<Record<'green' | 'white' | 'black' | 'blue', Rgb>> = {
  green: [9, 162, 70],
  white: [255, 255, 255],
  black: [0, 0, 0],
  blue: [0, 0, 255],
};

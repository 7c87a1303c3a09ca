/** Where the subject stands in the picture (vendor guide: composition). */
export interface Composition {
  /** Output pixels; absent to keep the clip's own size. */
  readonly canvas?: { readonly width: number; readonly height: number };
  readonly foreground: {
    readonly anchor: Anchor;
    /**
     * Ratio, above 0. The guide leaves open what 1 is; here, the clip's picture as large as fits
     * into the canvas.
     */
    readonly scale: number;
    /** Pixels from the anchor, to the right and down. */
    readonly offset: { readonly x: number; readonly y: number };
  };
}

/** The guide names `center`, `top-left` and `bottom-center`; the others follow their pattern. */
export const ANCHORS = [
  'top-left',
  'top-center',
  'top-right',
  'center-left',
  'center',
  'center-right',
  'bottom-left',
  'bottom-center',
  'bottom-right',
] as const;
export type Anchor = (typeof ANCHORS)[number];

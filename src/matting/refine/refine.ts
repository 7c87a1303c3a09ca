import { type GridFrame, half } from '../grid/frame.ts';
import { clearOutside, isEmpty, regionOf } from '../grid/region.ts';
import {
  clearRoom,
  kernels,
  put,
  putPicture,
  putRegion,
  putRows,
  room,
  takeRows,
} from '../kernels/kernels.ts';

/** The empty scene as an engine knows it. */
export interface KnownBackground {
  /** 4:2:0, of the clip's size. */
  readonly plate: GridFrame;
  /** On the chroma grid: 1 where the plate was seen, 0 where it was guessed. */
  readonly seen: Uint8Array;
}

/**
 * Turns a first guess into the final matte.
 *
 * @param frame 4:2:0; its colours near the contour are replaced by the subject's own, and all that
 *   is certainly background by black
 * @param prior first guess on the chroma grid, 0..255
 * @param alpha written: opacity of each full-size pixel, 0..255
 */
export type MatteFrame = (frame: GridFrame, prior: Uint8Array, alpha: Uint8Array) => void;

const LUMA_BLACK = 16;
const CHROMA_NEUTRAL = 128;
/** So much of the surroundings tells how the background is lit, in pixels of the chroma grid. */
const LEAST_MARGIN = 12;
/**
 * Known-background unmixing. Each pixel of the unknown band is `αF + (1−α)B`; F is spread from the
 * solid subject, B is the plate in the light seen at solid background (shadows,
 * exposure), and α is the least-squares answer, leaning on the prior where F and B look alike.
 * Subtracting `(1−α)B` takes the background's colour out of hair and motion blur.
 *
 * @param doubt how far off the priors' contours may be, in pixels of the chroma grid
 */
export function createRefine({ plate, seen }: KnownBackground, doubt: number): MatteFrame {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const size = gridWidth * gridHeight;
  const margin = Math.max(LEAST_MARGIN, Math.round(gridHeight / 20));
  const core = Math.max(2, Math.round(height / 180));

  return (frame, prior, alpha) => {
    const region = regionOf(prior, gridWidth, gridHeight, margin);
    const { top, bottom } = region;
    const onGrid = { top, bottom, stride: gridWidth };
    const onPicture = { top: 2 * top, bottom: 2 * bottom, stride: width };
    if (!isEmpty(region)) {
      clearRoom();
      const picture = ({ y, u, v, luma }: GridFrame): number =>
        putPicture([
          putRows(y, onPicture),
          putRows(u, onGrid),
          putRows(v, onGrid),
          putRows(luma, onGrid),
        ]);
      const out = { y: room(width * height), u: room(size), v: room(size) };
      const opacity = room(width * height);
      kernels.refine(
        picture(frame),
        picture(plate),
        putRows(seen, onGrid),
        put(prior),
        width,
        height,
        putRegion(region),
        core,
        doubt,
        putPicture([out.y, out.u, out.v]),
        opacity,
        room(22 * size + 90 * (gridWidth + gridHeight) + 6000),
      );
      takeRows(out.y, frame.y, onPicture);
      takeRows(out.u, frame.u, onGrid);
      takeRows(out.v, frame.v, onGrid);
      takeRows(opacity, alpha, onPicture);
    }
    // What is far from all that could be the subject: no opacity, black.
    clearOutside(alpha, width, height, { ...onPicture, left: 0, right: width }, 0);
    clearOutside(frame.y, width, height, { ...onPicture, left: 0, right: width }, LUMA_BLACK);
    const rows = { ...onGrid, left: 0, right: gridWidth };
    clearOutside(frame.u, gridWidth, gridHeight, rows, CHROMA_NEUTRAL);
    clearOutside(frame.v, gridWidth, gridHeight, rows, CHROMA_NEUTRAL);
  };
}

import { copyFrame, type GridFrame, half, newFrame, withLuma } from '../grid/frame.ts';
import { createResizePlane } from '../grid/resize.ts';
import type { KnownBackground } from '../refine/refine.ts';
import { invert, rescale, warpFrame, warpPlane } from './camera/affine.ts';
import { enlarge } from './camera/stabilise.ts';
import { createSubtractor } from './difference/subtractor.ts';
import type { Method, Track } from './engine.ts';
import { createKeyer } from './screen/keyer.ts';

/**
 * The first guess for a 4:2:0 frame of the clip's size, on its chroma grid, 0..255; overwritten by
 * the next call. It depends on the frame and its track alone.
 */
export type Guesser = (frame: GridFrame, track: Track) => Uint8Array;

/** A guesser and the background as it was behind the last frame that it saw. */
export interface OpenMethod {
  readonly guess: Guesser;
  readonly background: KnownBackground;
  /** How far off the contour of a guess may be, in its pixels. */
  readonly doubt: number;
}

/** Of a guess that looks at each pixel of the chroma grid. */
const PIXEL_DOUBT = 2;
/** Of one that is found on a smaller picture, in pixels of that. */
const OUTLINE_DOUBT = 2.25;

/** Makes ready to matte frames of a shot, in any order. */
export function openMethod({ background, guess, reference }: Method): OpenMethod {
  const { plate, seen } = background;
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const still = createStillGuesser(background, guess);
  const doubt =
    guess.kind === 'subject'
      ? Math.round((OUTLINE_DOUBT * gridWidth) / guess.motion.plate.width)
      : PIXEL_DOUBT;
  if (reference === undefined) return { guess: still, background, doubt };

  const prior = new Uint8Array(seen.length);
  const steadied = withLuma(newFrame(width, height));
  const moved = { plate: withLuma(copyFrame(plate)), seen: new Uint8Array(seen.length) };
  return {
    background: moved,
    doubt,
    guess(frame, track) {
      const there = enlarge(track.movement!, reference, plate);
      const back = invert(there);
      const onGrid = rescale(back, 0.5, 0.5);
      // What a frame does not show counts as background: nothing there differs from the plate.
      warpFrame(frame, there, copyInto(steadied, plate), 2);
      warpPlane(frame.luma, rescale(there, 0.5, 0.5), gridWidth, gridHeight, steadied.luma);
      const seenThere = still(steadied, track);
      prior.fill(0);
      moved.seen.fill(0);
      warpPlane(seenThere, onGrid, gridWidth, gridHeight, prior);
      warpPlane(seen, onGrid, gridWidth, gridHeight, moved.seen);
      warpFrame(plate, back, copyInto(moved.plate, plate), 2);
      warpPlane(plate.luma, onGrid, gridWidth, gridHeight, moved.plate.luma);
      return prior;
    },
  };
}

function createStillGuesser({ plate }: KnownBackground, guess: Method['guess']): Guesser {
  switch (guess.kind) {
    case 'screen':
      return createKeyer(plate, guess);
    case 'difference':
      return createSubtractor(plate, guess);
    case 'subject': {
      const { width, height } = guess.motion.plate;
      const resize = createResizePlane(width, height, half(plate.width), half(plate.height));
      const prior = new Uint8Array(plate.u.length);
      return (_frame, { outline }) => {
        resize(outline!, prior);
        return prior;
      };
    }
  }
}

function copyInto(to: GridFrame, { y, u, v, luma }: GridFrame): GridFrame {
  to.y.set(y);
  to.u.set(u);
  to.v.set(v);
  to.luma.set(luma);
  return to;
}

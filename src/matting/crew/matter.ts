import { composite } from '../encode/composite.ts';
import type { Method, Track } from '../engines/engine.ts';
import { openMethod } from '../engines/guesser.ts';
import { type Frame, frameBytes, frameOver } from '../grid/frame.ts';
import { createRefine } from '../refine/refine.ts';
import { createSoften } from '../refine/soften.ts';

/** What is to be done to the frames of a shot: plain data, so that any thread can do it. */
export interface Treatment {
  readonly method: Method;
  /** The contour: unmixed from the known background, or as guessed. */
  readonly contour: 'refined' | 'soft';
  /** What the subject is laid over; `undefined` keeps the alpha channel. */
  readonly backdrop: Frame | undefined;
}

/** Room for one frame on its way: 4:2:0 pictures, and the opacity of each pixel, 0..255. */
export interface Slot {
  /** The planes of `frame`, one after the other. */
  readonly picture: Uint8Array;
  readonly frame: Frame;
  readonly alpha: Uint8Array;
}

export function slotBytes(width: number, height: number): number {
  return frameBytes(width, height) + width * height;
}

/** A slot as views on its memory, which threads share. */
export function slotOver(memory: SharedArrayBuffer, width: number, height: number): Slot {
  const bytes = frameBytes(width, height);
  const picture = new Uint8Array(memory, 0, bytes);
  return {
    picture,
    frame: frameOver(picture, width, height),
    alpha: new Uint8Array(memory, bytes, width * height),
  };
}

/**
 * Mattes the frame in a slot in place: its colours near the contour become the subject's own, and
 * all that is certainly background black; or it is laid over the backdrop.
 *
 * @returns mean opacity, 0..1
 */
export type Matter = (slot: Slot, track: Track) => number;

/** The result for a frame depends on the frame and its track alone. */
export function createMatter({ method, contour, backdrop }: Treatment): Matter {
  const { guess, background } = openMethod(method);
  const { width, height } = background.plate;
  const finish = contour === 'soft' ? createSoften(width, height) : createRefine(background);
  return ({ frame, alpha }, track) => {
    finish(frame, guess(frame, track), alpha);
    if (backdrop !== undefined) composite(frame, alpha, backdrop);
    return mean(alpha) / 255;
  };
}

/** Every so many pixels tell as much about a mean as all of them. */
const MEAN_STEP = 7;

function mean(values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += MEAN_STEP) sum += values[i]!;
  return sum / Math.ceil(values.length / MEAN_STEP);
}

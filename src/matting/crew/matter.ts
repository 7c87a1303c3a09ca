import type { Composition } from '../../core/composition.ts';
import { composite } from '../encode/composite.ts';
import { canvasOf, type Cutout, placeOnCanvas } from '../encode/placeOnCanvas.ts';
import type { Method, Track } from '../engines/engine.ts';
import { openMethod } from '../engines/guesser.ts';
import { type Frame, frameBytes, frameOver, half, withLuma } from '../grid/frame.ts';
import { clearRoom, kernels, put } from '../kernels/kernels.ts';
import type { SourceInfo } from '../media/probeSource.ts';
import { createRefine } from '../refine/refine.ts';
import { createSoften } from '../refine/soften.ts';

/** What is to be done to the frames of a shot: plain data, so that any thread can do it. */
export interface Treatment {
  /** `undefined` when frames come matted, see `RenderShot`. */
  readonly method: Method | undefined;
  /** The contour: unmixed from the known background, or as guessed. */
  readonly contour: 'refined' | 'soft';
  /** What the subject is laid over; `undefined` keeps the alpha channel. */
  readonly backdrop: Frame | undefined;
}

/** The pictures that come in, and where they stand in those that come out. */
export interface Layout {
  readonly source: SourceInfo;
  /** `undefined` leaves them as they are. */
  readonly composition: Composition | undefined;
}

/** Room for one frame on its way: 4:2:0 pictures, and the opacity of each pixel, 0..255. */
export interface Slot extends Cutout {
  /** The planes of `frame`, one after the other. */
  readonly picture: Uint8Array;
  /** What comes out: the slot's own frame, or room for it on its canvas. */
  readonly placed: Cutout;
}

export function slotBytes({ source, composition }: Layout): number {
  const canvas = canvasOf(source, composition);
  return cutoutBytes(source) + (composition === undefined ? 0 : cutoutBytes(canvas));
}

/** A slot as views on its memory, which threads share. */
export function slotOver(memory: SharedArrayBuffer, { source, composition }: Layout): Slot {
  const own = cutoutOver(memory, 0, source);
  const picture = new Uint8Array(memory, 0, frameBytes(source.width, source.height));
  if (composition === undefined) return { ...own, picture, placed: own };
  const placed = cutoutOver(memory, cutoutBytes(source), canvasOf(source, composition));
  return { ...own, picture, placed };
}

type Size = Pick<Frame, 'width' | 'height'>;

function cutoutBytes({ width, height }: Size): number {
  return frameBytes(width, height) + width * height;
}

function cutoutOver(memory: SharedArrayBuffer, from: number, { width, height }: Size): Cutout {
  const bytes = frameBytes(width, height);
  return {
    frame: frameOver(new Uint8Array(memory, from, bytes), width, height),
    alpha: new Uint8Array(memory, from + bytes, width * height),
  };
}

/**
 * Mattes the frame in a slot in place: its colours near the contour become the subject's own, and
 * all that is certainly background black. Then it is placed, and laid over the backdrop.
 *
 * @returns mean opacity of the clip's picture, 0..1
 */
export type Matter = (slot: Slot, track: Track) => number;

/** The result for a frame depends on the frame and its track alone. */
export function createMatter(
  { method, contour, backdrop }: Treatment,
  { source, composition }: Layout,
): Matter {
  const matte = method === undefined ? undefined : createMatte(method, contour);
  const place = composition === undefined ? undefined : placeOnCanvas(source, composition);
  return (slot, track) => {
    matte?.(slot, track);
    const opacity = mean(slot.alpha) / 255;
    const { placed } = slot;
    place?.(slot, placed);
    if (backdrop !== undefined) composite(placed.frame, placed.alpha, backdrop);
    return opacity;
  };
}

function createMatte(
  method: Method,
  contour: Treatment['contour'],
): (cutout: Cutout, track: Track) => void {
  const { guess, background, doubt } = openMethod(method);
  const { width, height } = background.plate;
  const finish = contour === 'soft' ? createSoften(width, height) : createRefine(background, doubt);
  const luma = new Uint8Array(half(width) * half(height));
  return ({ frame, alpha }, track) => {
    const picture = withLuma(frame, luma);
    finish(picture, guess(picture, track), alpha);
  };
}

function mean(values: Uint8Array): number {
  clearRoom();
  return kernels.sum(put(values), values.length) / values.length;
}

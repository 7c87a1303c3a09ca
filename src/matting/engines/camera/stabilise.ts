import { type Frame, half, newFrame } from '../../grid/frame.ts';
import { shrinkPlane } from '../../grid/shrink.ts';
import type { KnownBackground } from '../../refine/refine.ts';
import type { ClipSamples, FittedEngine } from '../engine.ts';
import { type Affine, IDENTITY, invert, rescale, warpPlane } from './affine.ts';
import { createRegister } from './register.ts';

/** A clip as it would look from where its first frame was taken. */
export interface Stabilised {
  readonly samples: ClipSamples;
  /** Takes an engine fitted to these samples back to the clip as it was filmed. */
  readonly release: (engine: FittedEngine) => FittedEngine;
}

/**
 * Holds a trembling camera still: each frame is drawn anew where the first one was; what it does not
 * show is taken from the first.
 */
export function stabilise({ source, small, spread }: ClipSamples): Stabilised {
  const reference = small[0]!;
  const { width, height } = reference;
  const register = createRegister(reference.y, width, height);
  let last = IDENTITY;
  const steady = small.map((picture) => {
    last = register(picture.y, last);
    return warpFrame(picture, last, copyOf(reference), 1);
  });
  const find = (frame: Frame, from: Affine): Affine =>
    register(shrinkPlane(frame.y, frame.width, frame.height, width, height), from);
  const enlarge = (affine: Affine): Affine =>
    rescale(affine, source.width / width, source.height / height);

  async function* steadySpread(count: number): AsyncGenerator<Frame, void, undefined> {
    let first: Frame | undefined;
    let from = IDENTITY;
    for await (const frame of spread(count)) {
      first ??= newFrame(frame.width, frame.height, frame);
      from = find(frame, from);
      yield warpFrame(frame, enlarge(from), newFrame(frame.width, frame.height, first), 2);
    }
  }

  return {
    samples: { source, small: steady, spread: steadySpread },
    release(engine) {
      let from = IDENTITY;
      const background = copyOfBackground(engine.background);
      const frames = newFrame(source.width, source.height);
      const gridWidth = half(source.width);
      const gridHeight = half(source.height);
      const prior = new Uint8Array(gridWidth * gridHeight);
      return {
        ...engine,
        warnings: [...engine.warnings, 'trembling_camera_held_still'],
        background,
        prior(frame) {
          from = find(frame, from);
          const there = enlarge(from);
          const back = invert(there);
          const onGrid = rescale(back, 0.5, 0.5);
          const seenThere = engine.prior(warpFrame(frame, there, frames, 2));
          prior.fill(0);
          background.seen.fill(0);
          warpPlane(seenThere, onGrid, gridWidth, gridHeight, prior);
          warpPlane(engine.background.seen, onGrid, gridWidth, gridHeight, background.seen);
          warpFrame(engine.background.plate, back, background.plate, 2);
          return prior;
        },
      };
    },
  };
}

/** @param share 2 for 4:2:0, 1 for 4:4:4 */
function warpFrame(frame: Frame, affine: Affine, out: Frame, share: 1 | 2): Frame {
  const { width, height } = frame;
  const [w, h] = share === 2 ? [half(width), half(height)] : [width, height];
  const chroma = rescale(affine, 1 / share, 1 / share);
  warpPlane(frame.y, affine, width, height, out.y);
  warpPlane(frame.u, chroma, w, h, out.u);
  warpPlane(frame.v, chroma, w, h, out.v);
  return out;
}

function copyOf({ width, height, y, u, v }: Frame): Frame {
  return { width, height, y: y.slice(), u: u.slice(), v: v.slice() };
}

function copyOfBackground({ plate, seen }: KnownBackground): KnownBackground {
  return { plate: copyOf(plate), seen: seen.slice() };
}

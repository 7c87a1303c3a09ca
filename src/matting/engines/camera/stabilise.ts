import { copyFrame, type Frame } from '../../grid/frame.ts';
import { createShrinkFrame } from '../../grid/shrink.ts';
import type { FittedEngine, ShotSamples } from '../engine.ts';
import { type Affine, IDENTITY, rescale, warpFrame } from './affine.ts';
import { createRegister } from './register.ts';

/** A shot as it would look from where its first frame was taken. */
export interface Stabilised {
  readonly samples: ShotSamples;
  /** Takes an engine fitted to these samples back to the shot as it was filmed. */
  readonly release: (engine: FittedEngine) => FittedEngine;
}

/**
 * Holds a trembling camera still: each frame is drawn anew where the first one was; what it does not
 * show is taken from the first.
 */
export function stabilise({ source, small, spread }: ShotSamples): Stabilised {
  const reference = small[0]!;
  const align = createAligner(reference);

  async function* steadySpread(count: number): AsyncGenerator<Frame, void, undefined> {
    let first: Frame | undefined;
    const alignAnew = createAligner(reference);
    const shrink = createShrinkFrame(source, reference);
    for await (const frame of spread(count)) {
      first ??= copyFrame(frame);
      const movement = alignAnew(shrink(frame));
      yield warpFrame(frame, enlarge(movement, reference, source), copyFrame(first), 2);
    }
  }

  return {
    samples: {
      source,
      small: small.map((picture) => steady(picture, align(picture), reference)),
      spread: steadySpread,
    },
    release: (engine) => ({
      ...engine,
      warnings: [...engine.warnings, 'trembling_camera_held_still'],
      method: { ...engine.method, reference },
    }),
  };
}

/** Finds where the camera has gone since the reference; pictures of its size, 4:4:4, in order. */
export function createAligner(reference: Frame): (picture: Frame) => Affine {
  const register = createRegister(reference.y, reference.width, reference.height);
  let last = IDENTITY;
  return (picture) => (last = register(picture.y, last));
}

/** A small picture as seen from where the reference was taken, which fills what it does not show. */
export function steady(picture: Frame, movement: Affine, reference: Frame): Frame {
  return warpFrame(picture, movement, copyFrame(reference), 1);
}

/** A movement on small pictures as one on large ones. */
export function enlarge(
  movement: Affine,
  small: { readonly width: number; readonly height: number },
  large: { readonly width: number; readonly height: number },
): Affine {
  return rescale(movement, large.width / small.width, large.height / small.height);
}

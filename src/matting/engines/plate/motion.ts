import { createBoxSum } from '../../grid/box.ts';
import { isBorder } from '../../grid/border.ts';
import type { Planes } from '../../grid/contrastLinks.ts';
import type { Frame } from '../../grid/frame.ts';
import { createDiffer, EIGHTHS } from './differ.ts';
import { recurrencePlate } from './recurrencePlate.ts';

/** What moves in a clip, seen against what comes back. */
export interface Motion {
  /** 4:4:4, of the samples' size. */
  readonly plate: Frame;
  /** For each sample, 1 where it differs from the plate. */
  readonly masks: readonly Uint8Array[];
  /** 1 where anything moved at any time. */
  readonly moved: Uint8Array;
  /** Share of the picture's border that differs, averaged over the samples, 0..1. */
  readonly borderShare: number;
}

/** From here on a pixel differs. */
const DIFFERENT = 11 * EIGHTHS;
/** So many of the nine around a pixel must differ too; fewer are noise. */
const FEWEST_AROUND = 4;

/** Measures motion on small samples, 4:4:4, at least one. */
export function measureMotion(frames: readonly Frame[]): Motion {
  const plate = recurrencePlate(frames);
  const { width, height } = plate;
  const findMotion = createMotionMask(plate, width, height);
  const moved = new Uint8Array(width * height);
  let onBorder = 0;
  let border = 0;
  const masks = frames.map((frame) => {
    const mask = findMotion(frame).slice();
    for (let i = 0; i < mask.length; i++) {
      moved[i] = moved[i]! | mask[i]!;
      if (!isBorder(i % width, (i / width) | 0, width, height)) continue;
      border++;
      onBorder += mask[i]!;
    }
    return mask;
  });
  return { plate, masks, moved, borderShare: onBorder / border };
}

/** Marks with 1 what differs from the plate; the result is overwritten by the next call. */
export function createMotionMask(
  plate: Planes,
  width: number,
  height: number,
): (picture: Planes) => Uint8Array {
  const differ = createDiffer(plate, width, height);
  const boxSum = createBoxSum(width, height);
  const mask = new Uint8Array(width * height);
  return (picture) => {
    const difference = differ(picture);
    for (let i = 0; i < mask.length; i++) mask[i] = difference[i]! > DIFFERENT ? 1 : 0;
    const around = boxSum(mask, 1);
    for (let i = 0; i < mask.length; i++) if (around[i]! < FEWEST_AROUND) mask[i] = 0;
    return mask;
  };
}

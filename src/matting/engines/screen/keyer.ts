import type { Model } from '../../../core/model.ts';
import { createTidyMask } from '../../grid/components.ts';
import { type GridFrame, half } from '../../grid/frame.ts';
import { keepNear } from '../../grid/keepNear.ts';
import { regionOf } from '../../grid/region.ts';
import { clearRoom, kernels, put, putPicture, room, take } from '../../kernels/kernels.ts';
import type { ScreenRamp } from './screenness.ts';

/** Islands below this share of the largest are dust; `human` keeps only what is nearly as large. */
const ISLAND_SHARE: Readonly<Record<Model, number>> = {
  original: 0.005,
  light: 0.005,
  pro: 0.005,
  human: 0.35,
};

/** What the screen engine has found out, beside the screen itself. */
export interface ScreenGuess {
  readonly kind: 'screen';
  readonly ramp: ScreenRamp;
  readonly model: Model;
}

/** The first guess of the screen engine: how unlike the screen each pixel is, without dust. */
export function createKeyer(
  plate: GridFrame,
  { ramp: { low, high }, model }: ScreenGuess,
): (frame: GridFrame) => Uint8Array {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const size = gridWidth * gridHeight;
  const prior = new Uint8Array(size);
  const mask = new Uint8Array(size);
  const tidy = createTidyMask(gridWidth, gridHeight);
  const rules = { islandShare: ISLAND_SHARE[model], holePixels: 0 };
  // Strands of hair that seem to float are within this of the head.
  const reach = Math.max(4, Math.round(height / 40));
  const scale = 255 / (high - low);

  return ({ luma, u, v }) => {
    clearRoom();
    const picture = putPicture([put(luma), put(u), put(v)]);
    const screen = putPicture([put(plate.luma), put(plate.u), put(plate.v)]);
    const priorAt = room(size);
    const maskAt = room(size);
    kernels.key(picture, screen, size, high, scale, priorAt, maskAt);
    take(priorAt, prior);
    take(maskAt, mask);
    tidy(mask, rules, regionOf(mask, gridWidth, gridHeight, 0));
    const region = regionOf(mask, gridWidth, gridHeight, reach);
    keepNear(prior, mask, reach, gridWidth, region);
    return prior;
  };
}

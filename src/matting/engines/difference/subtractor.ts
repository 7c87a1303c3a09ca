import type { Model } from '../../../core/model.ts';
import { createBoxSum } from '../../grid/box.ts';
import { createTidyMask } from '../../grid/components.ts';
import { createContrastLinks, type Planes } from '../../grid/contrastLinks.ts';
import { type Frame, half, halveLuma } from '../../grid/frame.ts';
import { createMinCut } from '../../grid/minCut.ts';
import { resizePlane } from '../../grid/resize.ts';
import { shrinkPlane } from '../../grid/shrink.ts';
import { createDiffer, EIGHTHS } from '../plate/differ.ts';
import { colorBin } from '../subject/colorModel.ts';

/** Islands below this share of the largest are dust; `human` keeps only what is nearly as large. */
const ISLAND_SHARE: Readonly<Record<Model, number>> = {
  original: 0.03,
  light: 0.03,
  pro: 0.03,
  human: 0.35,
};
/** The plate is of the frames' own sharpness here, so that edges need little more room. */
const EDGE_TOLERANCE = 0.1;
const HOLE_SHARE = 0.0005;
const RAMP_FROM = 12 * EIGHTHS;
const RAMP_TO = 30 * EIGHTHS;
/** The outline is found on a picture whose longer side has at most this many pixels. */
const OUTLINE_SIDE: Readonly<Record<Model, number>> = {
  original: 320,
  light: 240,
  pro: 480,
  human: 320,
};

/**
 * The first guess of the difference engine: how far each pixel is from the plate, tidied by an
 * outline found on a small picture, which bridges places where subject and plate look alike.
 *
 * @param familiar of `familiarColours`
 */
export function createSubtractor(
  plate: Frame,
  familiar: Float32Array,
  model: Model,
): (frame: Frame) => Uint8Array {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const size = gridWidth * gridHeight;
  const luma = new Uint8Array(size);
  const plateLuma = new Uint8Array(size);
  halveLuma(plate.y, width, height, plateLuma);
  const differ = createDiffer({ ...plate, y: plateLuma }, gridWidth, gridHeight, EDGE_TOLERANCE);
  const scale = Math.min(1, OUTLINE_SIDE[model] / Math.max(gridWidth, gridHeight));
  const small = {
    width: Math.max(2, Math.round(gridWidth * scale)),
    height: Math.max(2, Math.round(gridHeight * scale)),
  };
  const shrink = (plane: Uint8Array): Uint8Array =>
    shrinkPlane(plane, gridWidth, gridHeight, small.width, small.height);
  const shrinkAll = ({ y, u, v }: Planes): Planes => ({
    y: shrink(y),
    u: shrink(u),
    v: shrink(v),
  });
  const outline = createOutline(shrinkAll({ ...plate, y: plateLuma }), small, familiar, model);
  const boxSum = createBoxSum(gridWidth, gridHeight);
  const prior = new Uint8Array(size);
  const reach = Math.max(2, Math.round(height / 120));

  return ({ y, u, v }) => {
    halveLuma(y, width, height, luma);
    const picture = { y: luma, u, v };
    const difference = differ(picture);
    const mask = outline(shrinkAll(picture));
    const inside = resizePlane(mask, small.width, small.height, gridWidth, gridHeight);
    const near = boxSum(inside, reach);
    for (let i = 0; i < size; i++) {
      const ramp = (255 * (difference[i]! - RAMP_FROM)) / (RAMP_TO - RAMP_FROM);
      const guess = ramp <= 0 ? 0 : ramp >= 255 ? 255 : Math.round(ramp);
      prior[i] = near[i] === 0 ? 0 : Math.max(guess, 2 * inside[i]! - 255);
    }
    return prior;
  };
}

/** Strange colours must differ by so much. */
const LEAN_AT = 28 * EIGHTHS;
const LINK_STRENGTH = 60;

/** Finds the subject on small pictures: 0 or 255, overwritten by the next call. */
function createOutline(
  plate: Planes,
  { width, height }: { readonly width: number; readonly height: number },
  familiar: Float32Array,
  model: Model,
): (picture: Planes) => Uint8Array {
  const differ = createDiffer(plate, width, height, EDGE_TOLERANCE);
  const linksOf = createContrastLinks(width, height, LINK_STRENGTH, plate);
  const minCut = createMinCut(width, height);
  const tidy = createTidyMask(width, height);
  const lean = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  const rules = { islandShare: ISLAND_SHARE[model], holePixels: HOLE_SHARE * mask.length };
  return (picture) => {
    const difference = differ(picture);
    for (let i = 0; i < lean.length; i++) {
      lean[i] = difference[i]! + familiar[colorBin(picture, i)]! - LEAN_AT;
    }
    if (model === 'light') for (let i = 0; i < mask.length; i++) mask[i] = lean[i]! > 0 ? 1 : 0;
    else minCut.solve(lean, linksOf(picture), mask);
    tidy(mask, rules);
    for (let i = 0; i < mask.length; i++) mask[i] = 255 * mask[i]!;
    return mask;
  };
}

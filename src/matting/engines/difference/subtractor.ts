import type { Model } from '../../../core/model.ts';
import { createBoxSum } from '../../grid/box.ts';
import { createTidyMask } from '../../grid/components.ts';
import { createContrastLinks, type Planes } from '../../grid/contrastLinks.ts';
import { type GridFrame, half } from '../../grid/frame.ts';
import { keepNear } from '../../grid/keepNear.ts';
import { createMinCut } from '../../grid/minCut.ts';
import { type Region, regionOf } from '../../grid/region.ts';
import { createResizePlane } from '../../grid/resize.ts';
import { createShrinkPlane } from '../../grid/shrink.ts';
import { clearRoom, kernels, put, room, take } from '../../kernels/kernels.ts';
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
const HOLE_SHARE = 0.0002;
const RAMP_FROM = 20 * EIGHTHS;
const RAMP_TO = 30 * EIGHTHS;
/** The outline is found on a picture whose longer side has at most this many pixels. */
const OUTLINE_SIDE: Readonly<Record<Model, number>> = {
  original: 320,
  light: 240,
  pro: 480,
  human: 320,
};

/** What the difference engine has found out, beside the plate. */
export interface DifferenceGuess {
  readonly kind: 'difference';
  /** Of `familiarColours`. */
  readonly familiar: Float32Array;
  readonly model: Model;
}

/**
 * The first guess of the difference engine: how far each pixel is from the plate, tidied by an
 * outline found on a small picture, which bridges places where subject and plate look alike.
 */
export function createSubtractor(
  plate: GridFrame,
  { familiar, model }: DifferenceGuess,
): (frame: GridFrame) => Uint8Array {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const size = gridWidth * gridHeight;
  const differ = createDiffer({ ...plate, y: plate.luma }, gridWidth, gridHeight, EDGE_TOLERANCE);
  const scale = Math.min(1, OUTLINE_SIDE[model] / Math.max(gridWidth, gridHeight));
  const small = {
    width: Math.max(2, Math.round(gridWidth * scale)),
    height: Math.max(2, Math.round(gridHeight * scale)),
  };
  const shrink = createShrinkPlane(gridWidth, gridHeight, small.width, small.height);
  const shrinkAll = (planes: Planes): Planes => {
    const plane = (): Uint8Array => new Uint8Array(small.width * small.height);
    const out = { y: plane(), u: plane(), v: plane() };
    for (const name of ['y', 'u', 'v'] as const) shrink(planes[name], out[name]);
    return out;
  };
  const outline = createOutline(shrinkAll({ ...plate, y: plate.luma }), small, familiar, model);
  const resize = createResizePlane(small.width, small.height, gridWidth, gridHeight);
  const inside = new Uint8Array(size);
  const prior = new Uint8Array(size);
  const reach = Math.max(2, Math.round(height / 120));

  return ({ luma, u, v }) => {
    const picture = { y: luma, u, v };
    const mask = outline(shrinkAll(picture));
    resize(mask, inside);
    const region = regionOf(inside, gridWidth, gridHeight, reach);
    const difference = differ(picture, region);
    clearRoom();
    const to = room(size);
    kernels.ramp(put(difference), put(inside), 0, size, RAMP_FROM, RAMP_TO, to);
    take(to, prior);
    keepNear(prior, inside, reach, gridWidth, region);
    return prior;
  };
}

/** Strange colours must differ by so much. */
const LEAN_AT = 28 * EIGHTHS;
const LINK_STRENGTH = 60;
/** What differs clearly with so many of the nine pixels around it is no noise. */
const FEWEST_AROUND = 4;
/** The rest of a subject, which may look like the plate, is within this share of the longer side. */
const SUBJECT_REACH = 1 / 16;

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
  const boxSum = createBoxSum(width, height);
  const lean = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  const rules = { islandShare: ISLAND_SHARE[model], holePixels: HOLE_SHARE * mask.length };
  const reach = Math.max(2, Math.round(SUBJECT_REACH * Math.max(width, height)));

  /** Where the subject may be: around all that differs clearly. */
  function aroundSubject(difference: Uint8Array): Region {
    for (let i = 0; i < mask.length; i++) mask[i] = difference[i]! > LEAN_AT ? 1 : 0;
    const around = boxSum(mask, 1);
    for (let i = 0; i < mask.length; i++) if (around[i]! < FEWEST_AROUND) mask[i] = 0;
    return regionOf(mask, width, height, reach);
  }

  return (picture) => {
    const difference = differ(picture);
    const region = aroundSubject(difference);
    const { left, top, right, bottom } = region;
    for (let row = top; row < bottom; row++) {
      for (let i = row * width + left; i < row * width + right; i++) {
        lean[i] = difference[i]! + familiar[colorBin(picture, i)]! - LEAN_AT;
      }
    }
    if (model === 'light') {
      mask.fill(0);
      for (let row = top; row < bottom; row++) {
        for (let i = row * width + left; i < row * width + right; i++)
          mask[i] = lean[i]! > 0 ? 1 : 0;
      }
    } else minCut.solve(lean, linksOf(picture, region), mask, region);
    tidy(mask, rules, region);
    for (let i = 0; i < mask.length; i++) mask[i] = 255 * mask[i]!;
    return mask;
  };
}

import { beginBox, boxRow } from './box';
import { loadFour, storeSixteen } from './bytes';
import { Picture, Region } from './shapes';

/** Differences are kept in eighths, so that a byte reaches past the end of any ramp. */
const EIGHTHS: f32 = 8;
const LUMA_BLACK: f32 = 16;
const CHROMA_NEUTRAL: f32 = 128;
/** The darkest shadow, as a share of the light, and how much a difference in light counts there. */
const DARKEST_SHADOW: f32 = 0.72;
const SHADOW_WEIGHT: f32 = 0.2;
/** Chroma this close to faded colours, in squared units of noise, makes a shadow. */
const SHADOW_CHROMA: f32 = 8;

/**
 * Compares a picture with a plate, see `createDiffer`.
 *
 * @param lumaScale what a level of luma is in units of noise, 32-bit floats
 * @param exposure levels by which the picture is brighter than the plate
 * @param out written in the region, and anything to its right
 * @param room see `beginBox`, and a plane and a row of 32 bits more
 */
export function differ(
  picture: Picture,
  plate: Picture,
  lumaScale: usize,
  chromaScale: usize,
  exposure: f32,
  width: i32,
  height: i32,
  region: Region,
  out: usize,
  room: usize,
): void {
  const difference = room;
  const sums = difference + width * height + 64;
  for (let row = region.top; row < region.bottom; row++) {
    for (let i = row * width + region.left; i < row * width + region.right; i += 16) {
      storeSixteen(
        difference + i,
        distance(picture, plate, lumaScale, chromaScale, exposure, i),
        distance(picture, plate, lumaScale, chromaScale, exposure, i + 4),
        distance(picture, plate, lumaScale, chromaScale, exposure, i + 8),
        distance(picture, plate, lumaScale, chromaScale, exposure, i + 12),
      );
    }
  }
  beginBox(difference, width, region, 1, sums + 4 * width + 64);
  for (let row = region.top; row < region.bottom; row++) {
    boxRow(row, sums);
    for (let x = region.left, s = sums; x < region.right; x += 16, s += 64) {
      storeSixteen(out + row * width + x, ninth(s), ninth(s + 16), ninth(s + 32), ninth(s + 48));
    }
  }
}

/**
 * The first guess of `createSubtractor`: from `start` to `full` the more certain the more a
 * pixel differs, and never less certain than the outline.
 *
 * @param outline 0..255
 */
export function ramp(
  difference: usize,
  outline: usize,
  first: i32,
  end: i32,
  start: f32,
  full: f32,
  out: usize,
): void {
  for (let i = first; i < end; i += 16) {
    const at = difference + i;
    storeSixteen(
      out + i,
      certainty(at, start, full),
      certainty(at + 4, start, full),
      certainty(at + 8, start, full),
      certainty(at + 12, start, full),
    );
    const inside = v128.load(outline + i);
    const certain = i8x16.sub_sat_u(inside, v128.not(inside));
    v128.store(out + i, i8x16.max_u(v128.load(out + i), certain));
  }
}

function certainty(at: usize, start: f32, full: f32): v128 {
  const above = f32x4.sub(loadFour(at), f32x4.splat(start));
  return f32x4.div(f32x4.mul(above, f32x4.splat(255)), f32x4.splat(full - start));
}

function ninth(sums: usize): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(v128.load(sums)), f32x4.splat(1 / 9.0));
}

/** Half a level less: a difference is cut off, and not rounded. */
function distance(
  picture: Picture,
  plate: Picture,
  lumaScale: usize,
  chromaScale: usize,
  exposure: f32,
  i: i32,
): v128 {
  const one = f32x4.splat(1);
  const plateY = loadFour(plate.y + i);
  const plateU = loadFour(plate.u + i);
  const plateV = loadFour(plate.v + i);
  const dy = f32x4.sub(f32x4.sub(loadFour(picture.y + i), plateY), f32x4.splat(exposure));
  const du = f32x4.sub(loadFour(picture.u + i), plateU);
  const dv = f32x4.sub(loadFour(picture.v + i), plateV);
  const tone = v128.load(chromaScale + 4 * i);
  const chroma = squares(du, dv, tone);
  const luma = f32x4.mul(dy, v128.load(lumaScale + 4 * i));

  // A darker place of unchanged hue is a shadow, in which colours fade with the light.
  const loss = f32x4.div(dy, f32x4.sub(f32x4.splat(LUMA_BLACK), plateY));
  const neutral = f32x4.splat(CHROMA_NEUTRAL);
  const fadedU = f32x4.add(du, f32x4.mul(loss, f32x4.sub(plateU, neutral)));
  const fadedV = f32x4.add(dv, f32x4.mul(loss, f32x4.sub(plateV, neutral)));
  const faded = squares(fadedU, fadedV, tone);
  let isShadow = v128.and(
    f32x4.gt(loss, f32x4.splat(0)),
    f32x4.lt(loss, f32x4.splat(1 - DARKEST_SHADOW)),
  );
  isShadow = v128.and(isShadow, f32x4.lt(dy, f32x4.splat(0)));
  isShadow = v128.and(isShadow, f32x4.lt(faded, f32x4.splat(SHADOW_CHROMA)));
  const weight = v128.bitselect(f32x4.splat(SHADOW_WEIGHT), one, isShadow);
  const light = f32x4.mul(luma, weight);
  const colour = v128.bitselect(f32x4.min(faded, chroma), chroma, isShadow);
  const z = f32x4.mul(f32x4.splat(EIGHTHS), f32x4.add(f32x4.mul(light, light), colour));
  return f32x4.sub(z, f32x4.splat(0.5));
}

function squares(a: v128, b: v128, scale: v128): v128 {
  const sum = f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b));
  return f32x4.mul(f32x4.mul(sum, scale), scale);
}

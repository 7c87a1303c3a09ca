import { add, clear, levelBytes, sample, spread } from './pushPull';
import { Picture, Region } from './shapes';
import { makeTrimap, SOLID_BACKGROUND, SOLID_FOREGROUND, UNKNOWN } from './trimap';
import { loadBlock, quadrants, storeBlock } from './upsample';

/** Limits of the light on the background, as a share of that on the plate. */
const DARKEST: f32 = 0.4;
const BRIGHTEST: f32 = 1.6;
const LUMA_BLACK: f32 = 16;
const CHROMA_NEUTRAL: f32 = 128;
/** Little: each value of chroma stands for four pixels, and is blurred across the contour. */
const CHROMA_WEIGHT: f32 = 0.4;
/** Noise of a camera (3 levels, twice) and the trust in the prior, in squared levels. */
const PRIOR_TRUST: f32 = 4 * 3 * 3 + 40;
/** How much of the squared distance between F and B goes to the prior, by how well B is known. */
const SEEN_DOUBT: f32 = 0.1;
const UNSEEN_DOUBT: f32 = 0.3;
/**
 * A pixel off the line between F and B was mixed from other colours than these: for each so many
 * squared levels off, the prior gains as much again, up to a limit.
 */
const OFF_LINE: f32 = 900;
const MOST_OFF_LINE: f32 = 4;
/** Opacities this close to none and to all are meant to be that. */
const CLEAR: f32 = 0.05;
const SOLID: f32 = 0.95;
/** Noise of chroma, in squared levels. */
const CHROMA_DOUBT: f32 = 40;
/**
 * Arms and strands are too thin to have a solid middle. Where the prior is sure, and the pixel is this
 * far from the plate (squared levels), it teaches its colour too, with less weight.
 */
const SURE_PRIOR: u8 = 250;
const FAR_FROM_PLATE: f32 = 400;
const THIN_WEIGHT: f32 = 0.4;
/** Of its hue hardly anything, since chroma there is mixed with the background's. */
const THIN_HUE_WEIGHT: f32 = 0.001;

/**
 * Known-background unmixing, see `createRefine`, in the rows of a region. Beside it all becomes
 * background.
 *
 * @param width of the full picture
 * @param seen 1 where the plate was seen, on the chroma grid
 * @param core see `makeTrimap`
 * @param doubt see `makeTrimap`
 * @param out written: `y`, `u` and `v`
 * @param alpha written
 * @param room 22 bytes for each pixel of the grid, 90 for each row and column, and 6000 more
 */
export function refine(
  frame: Picture,
  plate: Picture,
  seen: usize,
  prior: usize,
  width: i32,
  height: i32,
  region: Region,
  core: i32,
  doubt: i32,
  out: Picture,
  alpha: usize,
  room: usize,
): void {
  const gridWidth = (width + 1) >> 1;
  const gridHeight = (height + 1) >> 1;
  const kinds = room;
  const subject = align(kinds + gridWidth * gridHeight + 16);
  makeTrimap(prior, gridWidth, gridHeight, region, core, doubt, kinds, subject);

  const light = subject + levelBytes((gridWidth + 1) >> 1, (gridHeight + 1) >> 1);
  const hue = light + levelBytes((gridWidth + 1) >> 1, (gridHeight + 1) >> 1);
  learn(frame, plate, seen, prior, kinds, gridWidth, gridHeight, region, subject, light, hue);
  for (let row = region.top; row < region.bottom; row++) {
    const first = kinds + row * gridWidth;
    memory.fill(first, SOLID_BACKGROUND, region.left);
    memory.fill(first + region.right, SOLID_BACKGROUND, gridWidth - region.right);
    settleChroma(first, frame.u + row * gridWidth, gridWidth, out.u + row * gridWidth);
    settleChroma(first, frame.v + row * gridWidth, gridWidth, out.v + row * gridWidth);
    for (let line = 2 * row; line < min(2 * row + 2, height); line++) {
      settleLuma(first, frame.y + line * width, width, out.y + line * width, alpha + line * width);
    }
    for (let column = region.left; column < region.right; column++) {
      if (load<u8>(first + column) !== UNKNOWN) continue;
      unmix(frame, plate, seen, prior, width, height, column, row, subject, light, hue, out, alpha);
    }
  }
}

/**
 * Spreads the colour of the subject, and the square of it, over the region, and likewise luma as
 * filmed and on the plate, and the hue of what is solid.
 */
function learn(
  frame: Picture,
  plate: Picture,
  seen: usize,
  prior: usize,
  kinds: usize,
  gridWidth: i32,
  gridHeight: i32,
  region: Region,
  subject: usize,
  light: usize,
  hue: usize,
): void {
  const width = (gridWidth + 1) >> 1;
  const height = (gridHeight + 1) >> 1;
  const subjectWeights = subject + 16 * width * height;
  const lightWeights = light + 16 * width * height;
  const hueWeights = hue + 16 * width * height;
  const left = max(0, (region.left >> 1) - 1);
  const top = max(0, (region.top >> 1) - 1);
  const right = min(width, (region.right >> 1) + 2);
  const bottom = min(height, (region.bottom >> 1) + 2);
  clear(subject, subjectWeights, width, left, top, right, bottom);
  clear(light, lightWeights, width, left, top, right, bottom);
  clear(hue, hueWeights, width, left, top, right, bottom);
  for (let row = region.top; row < region.bottom; row++) {
    for (let column = region.left; column < region.right; column++) {
      const i = row * gridWidth + column;
      const cell = (row >> 1) * width + (column >> 1);
      const kind = load<u8>(kinds + i);
      const isSolid = kind === SOLID_FOREGROUND;
      if (isSolid || (kind === UNKNOWN && load<u8>(prior + i) >= SURE_PRIOR)) {
        const y = <f32>load<u8>(frame.luma + i);
        const u = <f32>load<u8>(frame.u + i);
        const v = <f32>load<u8>(frame.v + i);
        const fromPlate = square(
          y - <f32>load<u8>(plate.luma + i),
          u - <f32>load<u8>(plate.u + i),
          v - <f32>load<u8>(plate.v + i),
        );
        if (!isSolid && fromPlate <= FAR_FROM_PLATE) continue;
        const four = f32x4(y, u, v, square(y, u, v));
        add(subject, subjectWeights, cell, four, isSolid ? 1 : THIN_WEIGHT);
        add(hue, hueWeights, cell, f32x4(u, v, 0, 0), isSolid ? 1 : THIN_HUE_WEIGHT);
      } else if (kind === SOLID_BACKGROUND && load<u8>(seen + i) === 1) {
        const filmed = <f32>load<u8>(frame.luma + i) - LUMA_BLACK + 1;
        const known = <f32>load<u8>(plate.luma + i) - LUMA_BLACK + 1;
        add(light, lightWeights, cell, f32x4(filmed, known, 0, 0), 1);
      }
    }
  }
  spread(subject, subjectWeights, width, height, left, top, right, bottom);
  spread(light, lightWeights, width, height, left, top, right, bottom);
  spread(hue, hueWeights, width, height, left, top, right, bottom);
}

/** The opacity and the subject's own colour of a pixel of the grid in the unknown band. */
function unmix(
  frame: Picture,
  plate: Picture,
  seen: usize,
  prior: usize,
  width: i32,
  height: i32,
  column: i32,
  row: i32,
  subject: usize,
  light: usize,
  hue: usize,
  out: Picture,
  alpha: usize,
): void {
  const gridWidth = (width + 1) >> 1;
  const gridHeight = (height + 1) >> 1;
  const w = (gridWidth + 1) >> 1;
  const h = (gridHeight + 1) >> 1;
  const i = row * gridWidth + column;
  const f = sample(subject, w, h, column, row);
  const b = sample(light, w, h, column, row);
  const fy = f32x4.extract_lane(f, 0);
  const fu = f32x4.extract_lane(f, 1);
  const fv = f32x4.extract_lane(f, 2);
  const variety = max<f32>(0, f32x4.extract_lane(f, 3) - square(fy, fu, fv));
  const ratio = f32x4.extract_lane(b, 0) / f32x4.extract_lane(b, 1);
  // Where nothing is known of the light, the ratio is no number.
  const gain = ratio === ratio ? max(DARKEST, min(BRIGHTEST, ratio)) : 1;
  const u = <f32>load<u8>(frame.u + i);
  const v = <f32>load<u8>(frame.v + i);
  const bu = CHROMA_NEUTRAL + gain * (<f32>load<u8>(plate.u + i) - CHROMA_NEUTRAL);
  const bv = CHROMA_NEUTRAL + gain * (<f32>load<u8>(plate.v + i) - CHROMA_NEUTRAL);
  const eu = fu - bu;
  const ev = fv - bv;
  const du = u - bu;
  const dv = v - bv;
  const chromaDot = f32x4.splat(CHROMA_WEIGHT * (du * eu + dv * ev));
  const chromaSquare = f32x4.splat(CHROMA_WEIGHT * (eu * eu + ev * ev));
  const chromaStep = f32x4.splat(CHROMA_WEIGHT * (du * du + dv * dv));
  const isSeen = load<u8>(seen + i) === 1;
  const doubt = f32x4.splat(isSeen ? SEEN_DOUBT : UNSEEN_DOUBT);
  // Where the subject has many colours, one of them may look like B: then the prior knows better.
  const varied = f32x4.splat(isSeen ? variety : 0);

  // The four pixels of the block; beyond an odd edge some do not exist.
  const hasRight = 2 * column + 1 < width;
  const hasBelow = 2 * row + 1 < height;
  const y = loadBlock(frame.y, width, column, row);
  const black = f32x4.splat(LUMA_BLACK);
  const plateY = f32x4.sub(loadBlock(plate.y, width, column, row), black);
  const by = f32x4.add(black, f32x4.mul(f32x4.splat(gain), plateY));
  const ey = f32x4.sub(f32x4.splat(fy), by);
  const dy = f32x4.sub(y, by);
  const dot = f32x4.add(f32x4.mul(dy, ey), chromaDot);
  const distance = f32x4.add(f32x4.mul(ey, ey), chromaSquare);
  const one = f32x4.splat(1);
  const offLine = f32x4.sub(
    f32x4.add(f32x4.mul(dy, dy), chromaStep),
    f32x4.div(f32x4.mul(dot, dot), f32x4.add(distance, one)),
  );
  const guess = f32x4.mul(
    quadrants(prior, gridWidth, gridHeight, column, row),
    f32x4.splat(<f32>(1 / (16 * 255.0))),
  );
  const mixed = f32x4.min(
    f32x4.splat(MOST_OFF_LINE),
    f32x4.mul(offLine, f32x4.splat(1 / OFF_LINE)),
  );
  let trust = f32x4.add(f32x4.splat(PRIOR_TRUST), f32x4.mul(distance, f32x4.add(doubt, mixed)));
  trust = f32x4.add(trust, f32x4.mul(f32x4.mul(guess, guess), varied));
  let a = f32x4.div(f32x4.add(dot, f32x4.mul(trust, guess)), f32x4.add(distance, trust));
  a = v128.and(a, f32x4.gt(a, f32x4.splat(CLEAR)));
  a = v128.bitselect(one, a, f32x4.ge(a, f32x4.splat(SOLID)));

  const opacity = f32x4.mul(f32x4.splat(255), a);
  const filled = f32x4.add(y, f32x4.mul(f32x4.sub(one, a), ey));
  const isLit = f32x4.min(f32x4.splat(235), f32x4.max(black, filled));
  storeBlock(alpha, width, height, column, row, opacity);
  storeBlock(out.y, width, height, column, row, isLit);

  let sum = f32x4.extract_lane(a, 0);
  if (hasRight) sum += f32x4.extract_lane(a, 1);
  if (hasBelow) sum += f32x4.extract_lane(a, 2);
  if (hasRight && hasBelow) sum += f32x4.extract_lane(a, 3);
  // What chroma itself says takes the screen's hue out of hair whose luma is much like the screen's.
  const mean: f32 = sum / <f32>((hasRight ? 2 : 1) * (hasBelow ? 2 : 1));
  const own = sample(hue, w, h, column, row);
  const hu = f32x4.extract_lane(own, 0) - bu;
  const hv = f32x4.extract_lane(own, 1) - bv;
  const share = (du * hu + dv * hv + CHROMA_DOUBT * mean) / (hu * hu + hv * hv + CHROMA_DOUBT);
  const rest: f32 = 1 - max<f32>(0, min<f32>(mean, share));
  store<u8>(out.u + i, <u8>(max<f32>(16, min<f32>(240, u + rest * hu)) + 0.5));
  store<u8>(out.v + i, <u8>(max<f32>(16, min<f32>(240, v + rest * hv)) + 0.5));
}

/** A row of a chroma plane without the background's colour. */
function settleChroma(kinds: usize, from: usize, width: i32, to: usize): void {
  const neutral = i8x16.splat(<i8>CHROMA_NEUTRAL);
  for (let x = 0; x < width; x += 16) {
    const isBackground = i8x16.lt_u(v128.load(kinds + x), i8x16.splat(UNKNOWN));
    v128.store(to + x, v128.bitselect(neutral, v128.load(from + x), isBackground));
  }
}

/** A line of luma and of opacity, where what is subject and what background is certain. */
function settleLuma(kinds: usize, from: usize, width: i32, to: usize, alpha: usize): void {
  const black = i8x16.splat(<i8>LUMA_BLACK);
  const unknown = i8x16.splat(UNKNOWN);
  for (let x = 0; x < width; x += 16) {
    const eight = v128.load64_zero(kinds + (x >> 1));
    const kind = v128.shuffle<i8>(eight, eight, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    const y = v128.bitselect(black, v128.load(from + x), i8x16.lt_u(kind, unknown));
    v128.store(to + x, y);
    v128.store(alpha + x, i8x16.gt_u(kind, unknown));
  }
}

function square(y: f32, u: f32, v: f32): f32 {
  return y * y + CHROMA_WEIGHT * (u * u + v * v);
}

function align(address: usize): usize {
  return (address + 15) & ~15;
}

import { type Frame, type GridFrame, half } from '../grid/frame.ts';
import { createPushPull } from '../grid/pushPull.ts';
import { clearOutside, type Region, regionOf } from '../grid/region.ts';
import { createTrimap, SOLID_BACKGROUND, SOLID_FOREGROUND, UNKNOWN, FOREGROUND } from './trimap.ts';
import { quadrants } from './upsample.ts';

/** The empty scene as an engine knows it. */
export interface KnownBackground {
  /** 4:2:0, of the clip's size. */
  readonly plate: GridFrame;
  /** On the chroma grid: 1 where the plate was seen, 0 where it was guessed. */
  readonly seen: Uint8Array;
}

/**
 * Turns a first guess into the final matte.
 *
 * @param frame 4:2:0; its colours near the contour are replaced by the subject's own, and all that
 *   is certainly background by black
 * @param prior first guess on the chroma grid, 0..255
 * @param alpha written: opacity of each full-size pixel, 0..255
 */
export type MatteFrame = (frame: GridFrame, prior: Uint8Array, alpha: Uint8Array) => void;

/** Limits of the light on the background, as a share of that on the plate. */
const DARKEST = 0.4;
const BRIGHTEST = 1.6;
const LUMA_BLACK = 16;
const CHROMA_NEUTRAL = 128;
/** Little: each value of chroma stands for four pixels, and is blurred across the contour. */
const CHROMA_WEIGHT = 0.4;
/** Noise of a camera (3 levels, twice) and the trust in the prior, in squared levels. */
const PRIOR_TRUST = 4 * 3 ** 2 + 40;

/** How much of the squared distance between F and B goes to the prior, by how well B is known. */
const SEEN_DOUBT = 0.1;
const UNSEEN_DOUBT = 0.3;
/**
 * A pixel off the line between F and B was mixed from other colours than these: for each so many
 * squared levels off, the prior gains as much again, up to a limit.
 */
const OFF_LINE = 900;
const MOST_OFF_LINE = 4;
/** So much of the surroundings tells how the background is lit, in pixels of the chroma grid. */
const LEAST_MARGIN = 12;
/** Where the subject has many colours, one of them may look like B: then the prior knows better. */
const VARIETY_TRUST = 1;
/** Opacity below this, or as close to 1, is noise. */
const LEAST_OPACITY = 0.05;
/**
 * Arms and strands are too thin to have a solid middle. Where the prior is sure, and the pixel is this
 * far from the plate (squared levels), it teaches its colour too, with less weight.
 */
const SURE_PRIOR = 250;
const FAR_FROM_PLATE = 400;
const THIN_WEIGHT = 0.4;

/**
 * Known-background unmixing. Each pixel of the unknown band is `αF + (1−α)B`; F is spread from the
 * solid subject, B is the plate in the light seen at solid background (shadows,
 * exposure), and α is the least-squares answer, leaning on the prior where F and B look alike.
 * Subtracting `(1−α)B` takes the background's colour out of hair and motion blur.
 *
 * @param doubt how far off the priors' contours may be, in pixels of the chroma grid
 */
export function createRefine({ plate, seen }: KnownBackground, doubt: number): MatteFrame {
  const { width, height } = plate;
  const gridWidth = half(width);
  const gridHeight = half(height);
  const makeTrimap = createTrimap(gridWidth, gridHeight, height, doubt);
  /** The subject's colour, and the square of it. */
  const subject = createPushPull(gridWidth, gridHeight, 4);
  /** Luma as filmed and on the plate. */
  const light = createPushPull(gridWidth, gridHeight, 2);
  const f = new Float32Array(4);
  const b = new Float32Array(2);
  const priors = new Int32Array(4);
  const margin = Math.max(LEAST_MARGIN, Math.round(gridHeight / 20));

  return (frame, prior, alpha) => {
    const region = regionOf(prior, gridWidth, gridHeight, margin);
    const kinds = makeTrimap(prior, region);
    learn(kinds, prior, frame, region);
    clearAround(frame, alpha, region);
    for (let row = region.top; row < region.bottom; row++) {
      const start = row * gridWidth;
      const end = start + region.right;
      for (let i = start + region.left; i < end;) {
        if (kinds[i] === UNKNOWN) {
          unmix(frame, prior, alpha, i - start, row);
          i++;
          continue;
        }
        const first = i;
        const isSubject = kinds[i]! >= FOREGROUND;
        while (i < end && kinds[i] !== UNKNOWN && kinds[i]! >= FOREGROUND === isSubject) i++;
        settle(frame, alpha, row, first - start, i - start, isSubject);
      }
    }
  };

  /** A run of pixels of the grid that are all subject or all background. */
  function settle(
    { y, u, v }: Frame,
    alpha: Uint8Array,
    row: number,
    from: number,
    to: number,
    isSubject: boolean,
  ): void {
    for (let line = 2 * row; line < Math.min(2 * row + 2, height); line++) {
      const first = line * width + 2 * from;
      const last = line * width + Math.min(2 * to, width);
      alpha.fill(isSubject ? 255 : 0, first, last);
      if (!isSubject) y.fill(LUMA_BLACK, first, last);
    }
    if (isSubject) return;
    u.fill(CHROMA_NEUTRAL, row * gridWidth + from, row * gridWidth + to);
    v.fill(CHROMA_NEUTRAL, row * gridWidth + from, row * gridWidth + to);
  }

  /** The opacity and the subject's own colour of a pixel of the grid in the unknown band. */
  function unmix(
    { y, u, v }: Frame,
    prior: Uint8Array,
    alpha: Uint8Array,
    column: number,
    row: number,
  ): void {
    const i = row * gridWidth + column;
    subject.sample(column, row, f);
    light.sample(column, row, b);
    const fy = f[0]!;
    const fu = f[1]!;
    const fv = f[2]!;
    const variety = Math.max(0, f[3]! - colorSquare(fy, fu, fv));
    const gain = clampTo(b[0]! / b[1]!, DARKEST, BRIGHTEST);
    quadrants(prior, gridWidth, gridHeight, column, row, priors);
    const bu = CHROMA_NEUTRAL + gain * (plate.u[i]! - CHROMA_NEUTRAL);
    const bv = CHROMA_NEUTRAL + gain * (plate.v[i]! - CHROMA_NEUTRAL);
    const eu = fu - bu;
    const ev = fv - bv;
    const du = u[i]! - bu;
    const dv = v[i]! - bv;
    const chromaDot = CHROMA_WEIGHT * (du * eu + dv * ev);
    const chromaSquare = CHROMA_WEIGHT * (eu * eu + ev * ev);
    const chromaStep = CHROMA_WEIGHT * (du * du + dv * dv);
    const isSeen = seen[i] === 1;
    const doubt = isSeen ? SEEN_DOUBT : UNSEEN_DOUBT;
    const varied = isSeen ? VARIETY_TRUST * variety : 0;
    const rows = 2 * row + 1 < height ? 2 : 1;
    const columns = 2 * column + 1 < width ? 2 : 1;
    const corner = 2 * row * width + 2 * column;
    let sum = 0;
    for (let q = 0; q < rows; q++) {
      for (let r = 0; r < columns; r++) {
        const p = corner + q * width + r;
        const by = LUMA_BLACK + gain * (plate.y[p]! - LUMA_BLACK);
        const ey = fy - by;
        const dy = y[p]! - by;
        const dot = dy * ey + chromaDot;
        const square = ey * ey + chromaSquare;
        const offLine = dy * dy + chromaStep - (dot * dot) / (square + 1);
        const guess = priors[2 * q + r]! / (16 * 255);
        const trust =
          PRIOR_TRUST +
          square * (doubt + Math.min(MOST_OFF_LINE, offLine / OFF_LINE)) +
          guess * guess * varied;
        let a = (dot + trust * guess) / (square + trust);
        a = a <= LEAST_OPACITY ? 0 : a >= 1 - LEAST_OPACITY ? 1 : a;
        sum += a;
        alpha[p] = 255 * a + 0.5;
        y[p] = clamp(y[p]! + (1 - a) * ey, 16, 235);
      }
    }
    const rest = 1 - sum / (rows * columns);
    u[i] = clamp(u[i]! + rest * eu, 16, 240);
    v[i] = clamp(v[i]! + rest * ev, 16, 240);
  }

  /** From solid pixels the subject's colours and the light on the background. */
  function learn(
    kinds: Uint8Array,
    prior: Uint8Array,
    { luma, u, v }: GridFrame,
    region: Region,
  ): void {
    subject.clear();
    light.clear();
    for (let row = region.top; row < region.bottom; row++) {
      let i = row * gridWidth + region.left;
      for (let column = region.left; column < region.right; column++, i++) {
        const kind = kinds[i];
        if (kind === SOLID_BACKGROUND) {
          if (seen[i] === 0) continue;
          light.add(1, column, row, luma[i]! - LUMA_BLACK + 1, plate.luma[i]! - LUMA_BLACK + 1);
        } else if (
          kind === SOLID_FOREGROUND ||
          (kind === UNKNOWN && prior[i]! >= SURE_PRIOR && isFarFromPlate(i))
        ) {
          const fy = luma[i]!;
          const fu = u[i]!;
          const fv = v[i]!;
          const weight = kind === UNKNOWN ? THIN_WEIGHT : 1;
          subject.add(weight, column, row, fy, fu, fv, colorSquare(fy, fu, fv));
        }
      }
    }
    subject.spread(region);
    light.spread(region);

    function isFarFromPlate(i: number): boolean {
      const square = colorSquare(
        luma[i]! - plate.luma[i]!,
        u[i]! - plate.u[i]!,
        v[i]! - plate.v[i]!,
      );
      return square > FAR_FROM_PLATE;
    }
  }
}

/** What is far from all that could be the subject: no opacity, black. */
function clearAround({ width, height, y, u, v }: Frame, alpha: Uint8Array, region: Region): void {
  const { left, top, right, bottom } = region;
  const doubled = { left: 2 * left, top: 2 * top, right: 2 * right, bottom: 2 * bottom };
  clearOutside(alpha, width, height, doubled, 0);
  clearOutside(y, width, height, doubled, LUMA_BLACK);
  clearOutside(u, half(width), half(height), region, CHROMA_NEUTRAL);
  clearOutside(v, half(width), half(height), region, CHROMA_NEUTRAL);
}

function colorSquare(y: number, u: number, v: number): number {
  return y * y + CHROMA_WEIGHT * (u * u + v * v);
}

function clampTo(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value || 1;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : (value + 0.5) | 0;
}

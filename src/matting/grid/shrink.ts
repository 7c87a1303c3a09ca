import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';
import { type Frame, half, halveLuma } from './frame.ts';
import { createResizePlane } from './resize.ts';

/** A plane in a smaller size: each new pixel is the mean of the area that it covers. */
export type ShrinkPlane = (source: Uint8Array, out: Uint8Array) => void;

/**
 * Which old pixels a new one covers along one side, and how much of the first and the last: nothing of
 * the last where that is the first.
 */
interface Spans {
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly firstShare: Float32Array;
  readonly lastShare: Float32Array;
}

/** A shrinker with its own scratch memory. Like ffmpeg's area scaling, it enlarges bilinearly. */
export function createShrinkPlane(
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): ShrinkPlane {
  if (newWidth === width && newHeight === height) return (source, out) => out.set(source);
  if (newWidth > width || newHeight > height) {
    return createResizePlane(width, height, newWidth, newHeight);
  }
  if (2 * newWidth === width && 2 * newHeight === height) {
    return (source, out) => halveLuma(source, width, height, out);
  }
  if (width % newWidth === 0 && height % newHeight === 0) {
    return shrinkBlocks(newWidth, newHeight, width / newWidth, height / newHeight);
  }
  const across = spans(width, newWidth);
  const down = spans(height, newHeight);
  /** One row of the source, as broad as the new ones, and the new row as far as it is known. */
  const line = new Float32Array(newWidth);
  const sums = new Float32Array(newWidth);
  const scale = (newWidth * newHeight) / (width * height);

  const shrinkRow = (source: Uint8Array, row: number): void => {
    const start = row * width;
    const { first, last, firstShare, lastShare } = across;
    for (let x = 0; x < newWidth; x++) {
      const left = start + first[x]!;
      const right = start + last[x]!;
      let between = 0;
      for (let c = left + 1; c < right; c++) between += source[c]!;
      line[x] = between + firstShare[x]! * source[left]! + lastShare[x]! * source[right]!;
    }
  };
  const addLine = (share: number): void => {
    for (let x = 0; x < newWidth; x++) sums[x] = sums[x]! + share * line[x]!;
  };
  return (source, out) => {
    let read = -1;
    for (let row = 0; row < newHeight; row++) {
      const top = down.first[row]!;
      const bottom = down.last[row]!;
      sums.fill(0);
      // A row at an edge is shared with the new row before.
      if (read < top) shrinkRow(source, (read = top));
      addLine(down.firstShare[row]!);
      while (read < bottom) {
        shrinkRow(source, ++read);
        addLine(read < bottom ? 1 : down.lastShare[row]!);
      }
      const start = row * newWidth;
      for (let x = 0; x < newWidth; x++) out[start + x] = sums[x]! * scale + 0.5;
    }
  };
}

/** Where the new pixels are blocks of whole old ones. */
function shrinkBlocks(
  newWidth: number,
  newHeight: number,
  across: number,
  down: number,
): ShrinkPlane {
  return (source, out) => {
    clearRoom();
    const to = room(out.length);
    const columns = room(2 * newWidth * across);
    kernels.shrinkBlocks(put(source), newWidth, newHeight, across, down, to, columns);
    take(to, out);
  };
}

function spans(length: number, newLength: number): Spans {
  const first = new Int32Array(newLength);
  const last = new Int32Array(newLength);
  const firstShare = new Float32Array(newLength);
  const lastShare = new Float32Array(newLength);
  for (let n = 0; n < newLength; n++) {
    const from = (n * length) / newLength;
    const to = ((n + 1) * length) / newLength;
    first[n] = Math.floor(from);
    last[n] = Math.min(length, Math.ceil(to)) - 1;
    firstShare[n] = Math.min(to, first[n]! + 1) - from;
    lastShare[n] = last[n] === first[n] ? 0 : to - last[n]!;
  }
  return { first, last, firstShare, lastShare };
}

/** A 4:2:0 picture as a small 4:4:4 one. */
export type ShrinkFrame = (frame: Frame) => Frame;

/** @param size of the 4:2:0 pictures; the small ones are all new */
export function createShrinkFrame(
  { width, height }: { readonly width: number; readonly height: number },
  small: { readonly width: number; readonly height: number },
): ShrinkFrame {
  const luma = createShrinkPlane(width, height, small.width, small.height);
  const chroma = createShrinkPlane(half(width), half(height), small.width, small.height);
  const shrink = (plane: Uint8Array, by: ShrinkPlane): Uint8Array => {
    const out = new Uint8Array(small.width * small.height);
    by(plane, out);
    return out;
  };
  return ({ y, u, v }) => ({
    width: small.width,
    height: small.height,
    y: shrink(y, luma),
    u: shrink(u, chroma),
    v: shrink(v, chroma),
  });
}

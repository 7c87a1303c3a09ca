import { type Frame, half } from './frame.ts';
import { createResizePlane } from './resize.ts';

/** A plane in a smaller size: each new pixel is the mean of the area that it covers. */
export type ShrinkPlane = (source: Uint8Array, out: Uint8Array) => void;

/** Which old pixels a new one covers along one side, and how much of the first and the last. */
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
  const across = spans(width, newWidth);
  const down = spans(height, newHeight);
  const column = new Float32Array(width);
  const scale = (newWidth * newHeight) / (width * height);

  const addRow = (source: Uint8Array, row: number, share: number): void => {
    const start = row * width;
    for (let x = 0; x < width; x++) column[x] = column[x]! + share * source[start + x]!;
  };
  return (source, out) => {
    for (let row = 0, o = 0; row < newHeight; row++) {
      const top = down.first[row]!;
      const bottom = down.last[row]!;
      column.fill(0);
      addRow(source, top, down.firstShare[row]!);
      for (let y = top + 1; y < bottom; y++) addRow(source, y, 1);
      if (bottom > top) addRow(source, bottom, down.lastShare[row]!);
      for (let x = 0; x < newWidth; x++, o++) {
        const left = across.first[x]!;
        const right = across.last[x]!;
        let sum = across.firstShare[x]! * column[left]!;
        for (let c = left + 1; c < right; c++) sum += column[c]!;
        if (right > left) sum += across.lastShare[x]! * column[right]!;
        out[o] = sum * scale + 0.5;
      }
    }
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
    lastShare[n] = to - last[n]!;
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

import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';
import { type Frame, half, halveLuma } from './frame.ts';
import { createResizePlane } from './resize.ts';

/** A plane in a smaller size: each new pixel is the mean of the area that it covers. */
export type ShrinkPlane = (source: Uint8Array, out: Uint8Array) => void;

/** A shrinker with tables of its own. Like ffmpeg's area scaling, it enlarges bilinearly. */
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
  const columns = spans(width, newWidth);
  const rows = spans(height, newHeight);
  const scale = (newWidth * newHeight) / (width * height);
  return (source, out) => {
    clearRoom();
    const [from, across, down] = [put(source), put(columns), put(rows)];
    const to = room(out.length);
    kernels.shrink(from, width, across, newWidth, down, newHeight, scale, to, room(4 * width));
    take(to, out);
  };
}

/**
 * Which old pixels a new one covers along one side: the first and the last of each, and how much of
 * those, four tables one after the other; nothing of the last where that is the first.
 */
function spans(length: number, newLength: number): Int32Array {
  const table = new Int32Array(4 * newLength);
  const shares = new Float32Array(table.buffer);
  for (let n = 0; n < newLength; n++) {
    const from = (n * length) / newLength;
    const to = ((n + 1) * length) / newLength;
    const first = Math.floor(from);
    const last = Math.min(length, Math.ceil(to)) - 1;
    table[n] = first;
    table[newLength + n] = last;
    shares[2 * newLength + n] = Math.min(to, first + 1) - from;
    shares[3 * newLength + n] = last === first ? 0 : to - last;
  }
  return table;
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

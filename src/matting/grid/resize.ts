import { clearRoom, kernels, put, room, take } from '../kernels/kernels.ts';

/** A plane in another size, bilinear, edges repeated. Made for enlarging. */
export type ResizePlane = (source: Uint8Array, out: Uint8Array) => void;

const ONE = 1 << 8;

/** A resizer with tables of its own. */
export function createResizePlane(
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): ResizePlane {
  const columns = places(width, newWidth);
  const rows = places(height, newHeight);
  return (source, out) => {
    clearRoom();
    const to = room(out.length);
    kernels.resize(
      put(source),
      width,
      put(columns),
      newWidth,
      put(rows),
      newHeight,
      to,
      room(2 * width),
    );
    take(to, out);
  };
}

/** `createResizePlane` for a single use. */
export function resizePlane(
  source: Uint8Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): Uint8Array {
  const out = new Uint8Array(newWidth * newHeight);
  createResizePlane(width, height, newWidth, newHeight)(source, out);
  return out;
}

/** For each new place the two old ones beside it, and the share of the second, of `ONE`. */
function places(length: number, newLength: number): Int32Array {
  const table = new Int32Array(3 * newLength);
  for (let n = 0; n < newLength; n++) {
    const place = Math.min(length - 1, Math.max(0, ((n + 0.5) * length) / newLength - 0.5));
    const near = Math.floor(place);
    table[n] = near;
    table[newLength + n] = Math.min(length - 1, near + 1);
    table[2 * newLength + n] = Math.round(ONE * (place - near));
  }
  return table;
}

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
    for (let row = 0, o = 0; row < newHeight; row++) {
      const top = rows.near[row]! * width;
      const below = rows.far[row]! * width;
      const fy = rows.share[row]!;
      for (let column = 0; column < newWidth; column++, o++) {
        const left = columns.near[column]!;
        const next = columns.far[column]!;
        const a = source[top + left]!;
        const b = source[top + next]!;
        const c = source[below + left]!;
        const d = source[below + next]!;
        if (a === b && c === d && a === c) {
          out[o] = a;
          continue;
        }
        const fx = columns.share[column]!;
        const upper = a * (ONE - fx) + b * fx;
        const lower = c * (ONE - fx) + d * fx;
        out[o] = (upper * (ONE - fy) + lower * fy + (ONE * ONE) / 2) >> 16;
      }
    }
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
function places(
  length: number,
  newLength: number,
): { readonly near: Int32Array; readonly far: Int32Array; readonly share: Int32Array } {
  const near = new Int32Array(newLength);
  const far = new Int32Array(newLength);
  const share = new Int32Array(newLength);
  for (let n = 0; n < newLength; n++) {
    const place = Math.min(length - 1, Math.max(0, ((n + 0.5) * length) / newLength - 0.5));
    near[n] = Math.floor(place);
    far[n] = Math.min(length - 1, near[n]! + 1);
    share[n] = Math.round(ONE * (place - near[n]!));
  }
  return { near, far, share };
}

import type { Frame } from '../../grid/frame.ts';

const LUMA_REACH = 12;
const CHROMA_REACH = 8;
const MOST_CLUSTERS = 6;
/** What each sample of a cluster counts beside its span, in samples. */
const COUNT_WEIGHT = 0.5;

/**
 * Per pixel the colour that comes back over the longest time: people stand still for half a clip,
 * but what they hide is there before them and after. A median would keep the person.
 *
 * @param frames 4:4:4, at least one
 * @returns 4:4:4, of the same size
 */
export function recurrencePlate(frames: readonly Frame[]): Frame {
  const { width, height } = frames[0]!;
  const size = width * height;
  const y = new Uint8Array(size);
  const u = new Uint8Array(size);
  const v = new Uint8Array(size);

  const first = new Int32Array(MOST_CLUSTERS);
  const last = new Int32Array(MOST_CLUSTERS);
  const count = new Int32Array(MOST_CLUSTERS);
  const sumY = new Float64Array(MOST_CLUSTERS);
  const sumU = new Float64Array(MOST_CLUSTERS);
  const sumV = new Float64Array(MOST_CLUSTERS);

  for (let i = 0; i < size; i++) {
    let clusters = 0;
    for (let n = 0; n < frames.length; n++) {
      const frame = frames[n]!;
      const [py, pu, pv] = [frame.y[i]!, frame.u[i]!, frame.v[i]!];
      let at = 0;
      while (at < clusters) {
        const members = count[at]!;
        if (
          Math.abs(py - sumY[at]! / members) <= LUMA_REACH &&
          Math.abs(pu - sumU[at]! / members) <= CHROMA_REACH &&
          Math.abs(pv - sumV[at]! / members) <= CHROMA_REACH
        ) {
          break;
        }
        at++;
      }
      if (at === MOST_CLUSTERS) continue;
      if (at === clusters) {
        first[at] = n;
        count[at] = sumY[at] = sumU[at] = sumV[at] = 0;
        clusters++;
      }
      last[at] = n;
      count[at] = count[at]! + 1;
      sumY[at] = sumY[at]! + py;
      sumU[at] = sumU[at]! + pu;
      sumV[at] = sumV[at]! + pv;
    }
    let best = 0;
    let bestScore = -1;
    for (let c = 0; c < clusters; c++) {
      const score = last[c]! - first[c]! + COUNT_WEIGHT * count[c]!;
      if (score > bestScore) [best, bestScore] = [c, score];
    }
    const members = count[best]!;
    y[i] = Math.round(sumY[best]! / members);
    u[i] = Math.round(sumU[best]! / members);
    v[i] = Math.round(sumV[best]! / members);
  }
  return { width, height, y, u, v };
}

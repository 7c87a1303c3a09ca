import { createTidyMask } from '../../grid/components.ts';
import { createContrastLinks, type Planes } from '../../grid/contrastLinks.ts';
import { createMinCut } from '../../grid/minCut.ts';
import { colorBin } from './colorModel.ts';
import { type ColorLean, LINK_STRENGTH, UNITS_PER_NAT } from './learnSubject.ts';

/**
 * Finds the subject on a small picture, 0 or 1; overwritten by the next call.
 *
 * @param hint evidence beside colour, in nats
 */
export type Segment = (picture: Planes, hint: Float32Array) => Uint8Array;

const HOLE_SHARE = 0.02;

/** @param islandShare parts smaller than this share of the largest are dropped */
export function createSegmenter(
  lean: ColorLean,
  width: number,
  height: number,
  islandShare: number,
): Segment {
  const minCut = createMinCut(width, height);
  const linksOf = createContrastLinks(width, height, LINK_STRENGTH);
  const tidy = createTidyMask(width, height);
  const cost = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  return (picture, hint) => {
    for (let i = 0; i < cost.length; i++) {
      cost[i] = UNITS_PER_NAT * (lean[colorBin(picture, i)]! + hint[i]!);
    }
    minCut.solve(cost, linksOf(picture), mask);
    tidy(mask, { islandShare, holePixels: HOLE_SHARE * mask.length });
    return mask;
  };
}

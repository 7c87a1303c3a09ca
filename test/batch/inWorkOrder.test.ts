import { expect, test } from 'vitest';

import { inWorkOrder } from '../../src/batch/inWorkOrder.ts';
import type { PlannedClip } from '../../src/batch/plan.ts';
import type { WorkOrder } from '../../src/core/workOrder.ts';
import { estimateClip } from '../../src/pricing/estimateClip.ts';
import { BUILT_IN_TARIFF } from '../../src/pricing/tariff.ts';

function planned(name: string, seconds: number, sizeBytes: number, paid = false): PlannedClip {
  const clip = {
    path: `/clips/${name}`,
    relativePath: name,
    sizeBytes,
    mtimeMs: 0,
    media: {
      durationUs: seconds * 1e6,
      width: 320,
      height: 180,
      framesPerSecond: 25,
      hasAudio: false,
      videoCodec: 'h264',
      readBy: 'header' as const,
    },
  };
  const estimate = estimateClip(clip, BUILT_IN_TARIFF);
  const credits = estimate.byModel.light.exact;
  return { clip, wantedPath: '', estimate, credits, alreadyPaid: paid };
}

const CLIPS = [
  planned('c', 2, 30),
  planned('a', 9, 20),
  planned('b', 5, 10),
  planned('z', 1, 40, true),
];

test.each<[WorkOrder, string]>([
  ['longest', 'zabc'],
  ['name', 'zabc'],
  ['size', 'zbac'],
  ['given', 'zcab'],
])('%s: paid clips first, then %s', (order, names) => {
  const found = inWorkOrder(CLIPS, order).map(({ clip }) => clip.relativePath);
  expect(found.join('')).toBe(names);
});

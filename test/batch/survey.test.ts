import { expect, test } from 'vitest';

import { surveyClips } from '../../src/batch/survey.ts';
import type { Clip, RejectedClip } from '../../src/core/clip.ts';
import { BUILT_IN_TARIFF } from '../../src/pricing/tariff.ts';

test('an interruption ends the survey after the clips that are being read', async () => {
  const clips = Array.from({ length: 1000 }, (_, number) => ({
    path: `/clips/${number}.mp4`,
    relativePath: `${number}.mp4`,
    sizeBytes: 1,
    mtimeMs: 0,
  }));
  const interruption = new AbortController();
  let looked = 0;
  const probe = ({ path, relativePath }: Clip): Promise<RejectedClip> => {
    looked += 1;
    if (looked === 20) interruption.abort(new Error('interrupted'));
    return Promise.resolve({ path, relativePath, code: 'not_found', reason: 'gone', fix: 'none' });
  };
  const survey = surveyClips(clips, probe, BUILT_IN_TARIFF, () => undefined, interruption.signal);
  await expect(survey).rejects.toThrow('interrupted');
  expect(looked).toBeLessThan(40);
});

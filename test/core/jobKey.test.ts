import { describe, expect, test } from 'vitest';

import { jobKey } from '../../src/core/jobKey.ts';
import type { JobSettings } from '../../src/core/settings.ts';

const settings: JobSettings = {
  model: 'human',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
};

describe('the key of a piece of work', () => {
  test('is the same for the same bytes with the same settings', () => {
    const { background, prompt, format, model } = settings;
    expect(jobKey('s', 'abc', settings)).toBe(
      jobKey('s', 'abc', { background, prompt, format, model }),
    );
    expect(jobKey('s', 'abc', settings)).toMatch(/^[a-z2-7]{26}$/);
  });

  test('differs when anything differs that changes bytes, price or account', () => {
    const foreground = { anchor: 'center', scale: 1, offset: { x: 0, y: 0 } } as const;
    const keys = [
      jobKey('s', 'abc', settings),
      jobKey('t', 'abc', settings),
      jobKey('s', 'abd', settings),
      jobKey('s', 'abc', { ...settings, model: 'pro' }),
      jobKey('s', 'abc', { ...settings, model: 'pro', prompt: 'dog' }),
      jobKey('s', 'abc', { ...settings, format: 'mov' }),
      jobKey('s', 'abc', { ...settings, background: { type: 'color', rgb: [0, 0, 0] } }),
      jobKey('s', 'abc', { ...settings, background: { type: 'color', rgb: [0, 0, 1] } }),
      jobKey('s', 'abc', { ...settings, background: { type: 'image', url: 'https://x/y' } }),
      jobKey('s', 'abc', { ...settings, composition: { foreground } }),
      jobKey('s', 'abc', { ...settings, composition: { foreground: { ...foreground, scale: 2 } } }),
      jobKey('s', 'abc', {
        ...settings,
        composition: { foreground, canvas: { width: 8, height: 8 } },
      }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

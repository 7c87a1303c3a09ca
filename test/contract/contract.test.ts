import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { makeSmokeClip } from '../../src/media/makeSmokeClip.ts';
import { createHome, serve, tools } from '../cli/rbgv.ts';
import { CHECKS } from './checks.ts';

let clip: Uint8Array;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-contract-'));
  await makeSmokeClip(join(folder, 'clip.mp4'), await tools());
  clip = await readFile(join(folder, 'clip.mp4'));
  await rm(folder, { recursive: true });
});

describe('the sandbox keeps the contract', () => {
  test.each(CHECKS)('$name', async (check) => {
    const sandbox = await serve({ home: await createHome() });
    const apiKey = 'test-secret-key-42';
    await check.run({ baseUrl: sandbox.url, apiKey, clip, patienceMs: 10_000, pollMs: 50 });
  });
});

// The same list against the live service, for whoever has a key and says what it may cost.
if (process.env['RBGV_LIVE'] === '1') {
  describe('the live service keeps the contract', () => {
    const apiKey = process.env['REMOVEBGVIDEO_API_KEY'] ?? '';
    const allowed = Number(process.env['RBGV_LIVE_MAX_CREDITS'] ?? '0');
    const cost = CHECKS.reduce((sum, { credits }) => sum + credits, 0);
    const affordable = CHECKS.filter(({ credits }) => credits <= allowed);
    process.stderr.write(
      `live contract: may cost ${cost} credits, ${allowed} allowed by RBGV_LIVE_MAX_CREDITS\n`,
    );

    test('has a key, and leave to spend what it costs', () => {
      expect(apiKey).not.toBe('');
      expect(allowed).toBeGreaterThanOrEqual(cost);
    });

    test.each(apiKey === '' || allowed < cost ? [] : affordable)('$name', async (check) => {
      const baseUrl = process.env['RBGV_BASE_URL'] ?? 'https://api.removebgvideo.com';
      await check.run({ baseUrl, apiKey, clip, patienceMs: 600_000, pollMs: 2_000 });
    });
  });
}

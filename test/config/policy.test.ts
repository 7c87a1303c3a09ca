import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';

import { readPolicy } from '../../src/config/policy.ts';
import { credits } from '../../src/core/credits.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbgv-policy-'));
  await mkdir(join(folder, 'sub', 'deeper'), { recursive: true });
  return () => rm(folder, { recursive: true, force: true });
});

async function policy(where: string, content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(join(folder, where, 'rbgv.policy.json'), text);
}

describe('a policy file', () => {
  test('is found above the working folder, and a missing one allows everything', async () => {
    expect(readPolicy(join(folder, 'sub')).paths).toEqual([]);
    await policy('', { version: 1, max_credits: { day: 10 } });
    expect(readPolicy(join(folder, 'sub', 'deeper')).caps).toEqual({ day: credits(10) });
  });

  test('can only tighten what the ones above it allow', async () => {
    await policy('', {
      version: 1,
      allowed_models: ['light', 'human'],
      max_credits: { run: 10, month: 100 },
      required_tags: ['customer'],
    });
    await policy('sub', {
      version: 1,
      allowed_models: ['human', 'pro'],
      max_credits: { run: 50, month: 20, day: 5 },
      required_tags: ['feature'],
    });
    const { allowedModels, caps, requiredTags } = readPolicy(join(folder, 'sub'));
    expect(allowedModels).toEqual(['human']);
    expect(caps).toEqual({ run: credits(10), day: credits(5), month: credits(20) });
    expect([...requiredTags].sort()).toEqual(['customer', 'feature']);
  });

  test.each([
    ['where requests go', { version: 1, base_url: 'https://elsewhere.example' }],
    ['where a key comes from', { version: 1, api_key_file: '/tmp/key' }],
    ['a misspelt cap', { version: 1, max_credits: { dayly: 5 } }],
    ['a cap below zero', { version: 1, max_credits: { day: -5 } }],
    ['an unknown model', { version: 1, allowed_models: ['best'] }],
    ['no version', { max_credits: { day: 5 } }],
    ['what is no JSON', '{'],
  ])('with %s is refused', async (_title, content) => {
    await policy('', content);
    expect(() => readPolicy(join(folder, 'sub'))).toThrow('is refused');
  });
});

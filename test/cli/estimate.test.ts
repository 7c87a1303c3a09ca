import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { createHome } from './rbgv.ts';

interface EstimateJson {
  readonly version: number;
  readonly rates: { readonly source: string };
  readonly clips: readonly { readonly relative_path: string; readonly duration_seconds: number }[];
  readonly totals: Readonly<
    Record<string, { readonly exact: number; readonly per_started_minute: number }>
  >;
  readonly cheapest: readonly string[];
  readonly rejected: readonly { readonly code: string; readonly fix: string }[];
}

describe('rbgv estimate', () => {
  test('prices folders, globs and lists, and says where the rates come from', async () => {
    const home = await createHome();
    for (const name of ['in/a.mp4', 'in/sub/b.mp4', 'c.mp4']) await home.clip(name);
    const table = await home.rbgv(['estimate', 'in', '*.mp4']);
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toMatch(/total, 3 clips +3\.0 s +3 +2\.25 \* +9 +2\.25 \*/);
    expect(table.stdout).toContain('live from `sandbox`');
    expect(table.stdout).toContain('at worst original 180, light 135, pro 540, human 135: perhaps');
    const cached = await home.rbgv(['estimate', '-', '--json'], {
      input: 'in/a.mp4\nin/sub\n',
    });
    const json = JSON.parse(cached.stdout) as EstimateJson;
    expect(json.rates.source).toBe('cached');
    expect(json.clips.map((clip) => [clip.relative_path, clip.duration_seconds])).toEqual([
      ['a.mp4', 1],
      ['b.mp4', 1],
    ]);
    expect(json.totals['light']).toMatchObject({ exact: 1.5, per_started_minute: 90 });
    expect(json.cheapest).toEqual(['light', 'human']);
  });

  test('lists what cannot be sent with the reason and a fix, and counts it in no total', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    await writeFile(home.path('in/text.mp4'), 'text');
    await writeFile(home.path('in/old.mkv'), 'whatever');
    const result = await home.rbgv(['estimate', 'in', '--json']);
    expect(result.exitCode).toBe(3);
    const json = JSON.parse(result.stdout) as EstimateJson;
    expect(json.totals['original']?.exact).toBe(1);
    expect(json.rejected.map(({ code }) => code).sort()).toEqual([
      'unreadable',
      'unsupported_type',
    ]);
    expect(json.rejected.every(({ fix }) => fix.length > 10)).toBe(true);
  });

  test('as CSV can be read by a spreadsheet and runs no formula', async () => {
    const home = await createHome();
    await home.clip('=1+1.mp4');
    const result = await home.rbgv(['estimate', '=1+1.mp4', '--csv', '--model', 'human']);
    const [head, row] = result.stdout.split('\n');
    expect(head).toBe('path,duration_seconds,credits_human,rejected,at_worst_human');
    expect(row).toMatch(/=1\+1\.mp4,1,0\.75,,45$/);
  });

  test('uses the built-in rates, and says so, when the service cannot be asked', async () => {
    const home = await createHome();
    await home.clip('a.mp4');
    const env = { RBGV_BASE_URL: 'http://127.0.0.1:9', REMOVEBGVIDEO_API_KEY: 'offline-key-1' };
    const result = await home.rbgv(['estimate', 'a.mp4'], { env });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('built into rbgv (2026-11-20): the service could not be asked');
  });
});

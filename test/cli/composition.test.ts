import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { WorkRequest } from '../../src/sandbox/work.ts';
import { asService, createHome, serve } from './rbgv.ts';

const COMPOSITION = {
  canvas: { width: 640, height: 360 },
  foreground: { anchor: 'bottom-center', scale: 0.8, offset: { x: 0, y: -20 } },
};

test('a composition goes with the start, and is part of what makes a piece of work', async () => {
  const home = await createHome();
  const clip = await home.clip('a.mp4');
  await writeFile(home.path('place.json'), JSON.stringify(COMPOSITION));
  const seen: WorkRequest[] = [];
  const service = await serve({
    home,
    work: (request) => {
      seen.push(request);
      return Promise.resolve({ ok: false, code: 'enough', reason: 'it was looked at' });
    },
  });
  const env = asService(service);
  const run = (...more: string[]) => home.rbgv(['run', '--yes', ...more, clip], { env });
  await run('--composition', 'place.json');
  expect(seen[0]).toMatchObject({ composition: COMPOSITION });
  await run();
  expect(seen).toHaveLength(2);
  expect(seen[1]).not.toHaveProperty('composition');
});

test('a file that is no composition is refused before anything is sent', async () => {
  const home = await createHome();
  const clip = await home.clip('a.mp4');
  await writeFile(home.path('place.json'), '{"foreground": {"anchor": "middle"}}');
  const { exitCode, stderr } = await home.rbgv([
    ...['run', '--yes', '--composition', join('.', 'place.json'), clip],
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/foreground\.anchor/);
});

import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { createHome } from './rbgv.ts';

test('a model without the runtime is refused with the command that installs it', async () => {
  const home = await createHome();
  await writeFile(home.path('model.onnx'), 'anything');
  await mkdir(home.path('empty'));
  const args = ['engine', 'use', 'model.onnx', '--runtime', 'empty'];
  const { exitCode, stderr } = await home.rbgv(args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/onnxruntime-node is not installed/);
  expect(stderr).toMatch(/npm install --ignore-scripts onnxruntime-node/);
});

test('the engine is the built-in one until another is taken on', async () => {
  const home = await createHome();
  const { exitCode, stdout } = await home.rbgv(['engine', 'show']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/built in/);
  expect((await home.rbgv(['engine', 'reset'])).exitCode).toBe(0);
});

test('a model that is gone stops a run with exit code 2, and reset mends it', async () => {
  const home = await createHome();
  const clip = await home.clip('a.mp4');
  const engine = { path: home.path('gone.onnx'), sha256: '0', runtime: home.path('nowhere') };
  await mkdir(home.path('config'));
  const stored = { settings: {}, profiles: {}, engine };
  await writeFile(home.path('config', 'config.json'), JSON.stringify(stored), { mode: 0o600 });
  const { exitCode, stderr } = await home.rbgv(['run', '--yes', clip]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/gone\.onnx.* cannot be read/);
  expect(stderr).toMatch(/rbgv engine reset/);
  expect((await home.rbgv(['engine', 'reset'])).exitCode).toBe(0);
  expect((await home.rbgv(['estimate', clip])).exitCode).toBe(0);
});

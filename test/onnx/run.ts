/**
 * Tests the learned engine with the real onnxruntime-node. Its 290 MB are no dependency of the
 * project: they are installed into a folder of their own, without its install script, and removed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

const VERSION = '1.30.0';
const INSTALL_PATIENCE_MS = 300_000;

const folder = await mkdtemp(join(tmpdir(), 'rbgv-onnx-'));
try {
  await writeFile(join(folder, 'package.json'), '{"private": true}');
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '-E'];
  await execa('npm', [...install, `onnxruntime-node@${VERSION}`], {
    cwd: folder,
    stdio: 'inherit',
    timeout: INSTALL_PATIENCE_MS,
  });
  const { exitCode } = await execa('npx', ['vitest', 'run', '--config', 'vitest.onnx.config.ts'], {
    stdio: 'inherit',
    reject: false,
    env: { RBGV_TEST_ONNXRUNTIME: folder },
  });
  process.exitCode = exitCode ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

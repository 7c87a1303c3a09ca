import { resolve } from 'node:path';

import { RbgvError } from '../core/errors.ts';
import type { LearnedModel } from '../core/learnedModel.ts';
import { hashFile } from '../files/hashFile.ts';
import { openModel, type OpenModel } from '../matting/learned/openModel.ts';
import { findRuntime } from '../matting/learned/runtime.ts';

/**
 * Looks at a model before it is taken on: that it loads, and how it wants to be asked.
 *
 * @param runtimeFolder where onnxruntime-node is, when not in one of the usual places
 * @throws RbgvError, see `findRuntime` and `openModel`
 */
export async function takeLearnedModel(
  file: string,
  runtimeFolder: string | undefined,
): Promise<{ readonly learned: LearnedModel; readonly kind: OpenModel['asked']['kind'] }> {
  const path = resolve(file);
  const folder = runtimeFolder === undefined ? undefined : resolve(runtimeFolder);
  const runtime = findRuntime(folder, process.cwd());
  const { asked } = await openModel(path, runtime);
  return { learned: { path, sha256: await hashFile(path), runtime }, kind: asked.kind };
}

/** @throws RbgvError `model_missing`, `model_changed` when the file is not the one that was taken on */
export async function checkLearnedModel({ path, sha256 }: LearnedModel): Promise<void> {
  const hint = 'rbgv engine use <file.onnx> takes it on again, rbgv engine reset does without';
  const found = await hashFile(path).catch((cause: unknown) => {
    throw new RbgvError('usage', 'model_missing', `the model \`${path}\` cannot be read`, {
      hint,
      cause,
    });
  });
  if (found === sha256) return;
  throw new RbgvError('usage', 'model_changed', `the model \`${path}\` has changed`, { hint });
}

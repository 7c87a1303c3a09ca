import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { RbgvError } from '../../core/errors.ts';

/** The part of onnxruntime-node that is used. It is no dependency: whoever has a model installs it. */
export interface Runtime {
  readonly InferenceSession: {
    create(path: string, options: object): Promise<Session>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What a graph takes or gives; a side that is not fixed has a name instead of a number. */
export interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

export interface Session {
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

const PACKAGE = 'onnxruntime-node';

/**
 * Finds onnxruntime-node: in the folder given, else in the project of the working folder, beside
 * rbgv, or among the global packages.
 *
 * @param folder of the package itself, or one whose `node_modules` holds it
 * @returns the folder of the package
 * @throws RbgvError `onnxruntime_missing`
 */
export function findRuntime(folder: string | undefined, workingFolder: string): string {
  const globals = join(dirname(process.execPath), '..', 'lib', 'node_modules');
  const candidates =
    folder === undefined
      ? [workingFolder, import.meta.dirname, globals, join(globals, PACKAGE)]
      : [folder];
  for (const candidate of candidates) {
    const require = createRequire(join(candidate, 'package.json'));
    for (const name of [`${PACKAGE}/package.json`, './package.json', `./${PACKAGE}/package.json`]) {
      try {
        const { name: found } = require(name) as { readonly name?: unknown };
        if (found === PACKAGE) return dirname(require.resolve(name));
      } catch {
        // Not here.
      }
    }
  }
  throw new RbgvError('usage', 'onnxruntime_missing', `${PACKAGE} is not installed`, {
    hint:
      `npm install --ignore-scripts ${PACKAGE} (about 290 MB), here or with --global; ` +
      'or name its folder: --runtime <folder>',
  });
}

/** @throws RbgvError `onnxruntime_broken` when it does not load on this machine */
export function loadRuntime(folder: string): Runtime {
  try {
    return createRequire(join(folder, 'package.json'))(folder) as Runtime;
  } catch (error) {
    throw new RbgvError(
      'usage',
      'onnxruntime_broken',
      `${PACKAGE} in \`${folder}\` does not load`,
      {
        hint: 'it has no build for every platform; rbgv engine reset goes back to the built-in engine',
        cause: error,
      },
    );
  }
}

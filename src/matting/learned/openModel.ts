import { access } from 'node:fs/promises';

import { RbgvError } from '../../core/errors.ts';
import { loadRuntime, type Runtime, type Session, type ValueMetadata } from './runtime.ts';

/** How a graph wants to be asked. */
export type Interface =
  /** RobustVideoMatting: `src`, `r1i`…`r4i`, `downsample_ratio` → `fgr`, `pha`, `r1o`…`r4o`. */
  | { readonly kind: 'video' }
  /** One picture in, its opacity out; a side that the graph fixes is a number. */
  | {
      readonly kind: 'image';
      readonly input: string;
      readonly output: string;
      readonly height: number | undefined;
      readonly width: number | undefined;
    };

export interface OpenModel {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly asked: Interface;
}

const STATES = ['r1', 'r2', 'r3', 'r4'] as const;
const VIDEO_INPUTS = ['src', ...STATES.map((name) => `${name}i`), 'downsample_ratio'];
const VIDEO_OUTPUTS = ['fgr', 'pha', ...STATES.map((name) => `${name}o`)];

/**
 * Loads a model and finds out which of the two interfaces it has.
 *
 * @param runtimeFolder of the onnxruntime-node package
 * @throws RbgvError `model_missing`, `model_unreadable` for what is no ONNX graph,
 *   `model_half_precision`, `model_unfit` for other names, shapes or types, `onnxruntime_broken`
 */
export async function openModel(path: string, runtimeFolder: string): Promise<OpenModel> {
  await access(path).catch((cause: unknown) => {
    throw new RbgvError('usage', 'model_missing', `there is no file \`${path}\``, { cause });
  });
  const runtime = loadRuntime(runtimeFolder);
  let session: Session;
  try {
    session = await runtime.InferenceSession.create(path, { logSeverityLevel: 4 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RbgvError('usage', 'model_unreadable', `\`${path}\` is no usable model: ${reason}`, {
      hint: 'an ONNX file is expected, in full and of an opset that the runtime knows',
      cause: error,
    });
  }
  return { runtime, session, asked: interfaceOf(session) };
}

function interfaceOf({ inputMetadata: inputs, outputMetadata: outputs }: Session): Interface {
  const half = [...inputs, ...outputs].find(({ type }) => type === 'float16');
  if (half !== undefined) {
    throw new RbgvError('usage', 'model_half_precision', `\`${half.name}\` is of half precision`, {
      hint: 'use the float32 variant of the model',
    });
  }
  if (inputs.some(({ name }) => name === 'src')) {
    const missing = [
      ...VIDEO_INPUTS.filter((name) => !isFloat(inputs.find((value) => value.name === name))),
      ...VIDEO_OUTPUTS.filter((name) => !isFloat(outputs.find((value) => value.name === name))),
    ];
    const extra = inputs.filter(({ name }) => !VIDEO_INPUTS.includes(name));
    if (missing.length > 0) throw unfit(`lacks ${missing.join(', ')} as float32`, inputs, outputs);
    if (extra.length > 0) throw unfit(`also wants ${extra[0]!.name}`, inputs, outputs);
    const shape = inputs.find(({ name }) => name === 'src')?.shape;
    if (
      !isPicture(shape, 3) ||
      shape?.slice(2).some((side) => typeof side === 'number' && side > 0)
    ) {
      throw unfit('takes pictures of one size only', inputs, outputs);
    }
    return { kind: 'video' };
  }
  const [input] = inputs;
  if (inputs.length !== 1 || !isFloat(input) || !isPicture(input?.shape, 3)) {
    throw unfit('does not take one float32 picture, 1×3×height×width', inputs, outputs);
  }
  const output = outputs.find((value) => isFloat(value) && isPicture(value.shape, 1));
  if (output === undefined) throw unfit('gives no opacity, 1×1×height×width', inputs, outputs);
  const [, , height, width] = (input?.shape ?? []).map(fixed);
  return { kind: 'image', input: input!.name, output: output.name, height, width };
}

function isFloat(value: ValueMetadata | undefined): boolean {
  return value?.isTensor === true && value.type === 'float32';
}

/** Sides that a graph leaves open fit anything. */
function isPicture(shape: ValueMetadata['shape'], channels: number): boolean {
  if (shape === undefined || shape.length === 0) return true;
  const [batch, depth] = shape.map(fixed);
  return shape.length === 4 && (batch ?? 1) === 1 && (depth ?? channels) === channels;
}

function fixed(side: number | string): number | undefined {
  return typeof side === 'number' && side > 0 ? side : undefined;
}

function unfit(
  problem: string,
  inputs: readonly ValueMetadata[],
  outputs: readonly ValueMetadata[],
): RbgvError {
  const list = (values: readonly ValueMetadata[]): string =>
    values
      .map(({ name, type, shape }) => `${name} ${type ?? '?'}[${shape?.join(',') ?? ''}]`)
      .join(', ');
  return new RbgvError('usage', 'model_unfit', `the model ${problem}`, {
    hint: `it takes ${list(inputs)} and gives ${list(outputs)}; wanted is the interface of RobustVideoMatting, or picture in, opacity out`,
  });
}

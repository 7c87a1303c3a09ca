/** The little of ONNX (onnx.proto, IR version 8, opset 13) that the tests' graphs need, as protobuf bytes. */

const FLOAT = 1;
const FLOAT16 = 10;

/** A value that goes into or comes out of a graph; a side that is a word is left open. */
export interface Value {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly half?: boolean;
}

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Lists of whole numbers by attribute. */
  readonly integers?: Readonly<Record<string, readonly number[]>>;
}

/** A model file. */
export function writeModel(
  nodes: readonly Node[],
  inputs: readonly Value[],
  outputs: readonly Value[],
): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((node) => field(1, nodeBytes(node))),
    text(2, 'graph'),
    ...inputs.map((value) => field(11, valueBytes(value))),
    ...outputs.map((value) => field(12, valueBytes(value))),
  ]);
  return Buffer.concat([number(1, 8), field(7, graph), field(8, number(2, 13))]);
}

function nodeBytes({ operator, inputs, outputs, integers = {} }: Node): Buffer {
  const attributes = Object.entries(integers).map(([name, values]) =>
    Buffer.concat([text(1, name), ...values.map((value) => number(8, value)), number(20, 7)]),
  );
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...attributes.map((attribute) => field(5, attribute)),
  ]);
}

function valueBytes({ name, shape, half = false }: Value): Buffer {
  const sides = shape.map((side) =>
    field(1, typeof side === 'number' ? number(1, side) : text(2, side)),
  );
  const tensor = Buffer.concat([number(1, half ? FLOAT16 : FLOAT), field(2, Buffer.concat(sides))]);
  return Buffer.concat([text(1, name), field(2, field(1, tensor))]);
}

function text(tag: number, value: string): Buffer {
  return field(tag, Buffer.from(value));
}

function field(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((tag << 3) | 2), varint(bytes.length), bytes]);
}

function number(tag: number, value: number): Buffer {
  return Buffer.concat([varint(tag << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

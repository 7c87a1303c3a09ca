import { type Node, type Value, writeModel } from './writeModel.ts';

const STATES = [1, 2, 3, 4];
const OPEN = [1, 'c', 'h', 'w'];
const PICTURE: Value = { name: 'src', shape: [1, 3, 'h', 'w'] };

const brightest = (from: string, to: string): Node => ({
  operator: 'ReduceMax',
  inputs: [from],
  outputs: [to],
  integers: { axes: [1] },
});

/**
 * RobustVideoMatting's interface: as opaque as bright, times its first state: 0 for the first
 * frame, and from then on the cosine of the one before.
 */
export function videoModel({
  missing,
  half = false,
}: { readonly missing?: string; readonly half?: boolean } = {}): Buffer {
  const nodes: Node[] = [
    { operator: 'Identity', inputs: ['src'], outputs: ['fgr'] },
    brightest('src', 'light'),
    {
      operator: 'ReduceMax',
      inputs: ['r1i'],
      outputs: ['known'],
      integers: { axes: [1, 2, 3] },
    },
    { operator: 'Mul', inputs: ['light', 'known'], outputs: ['pha'] },
    { operator: 'Cos', inputs: ['r1i'], outputs: ['r1o'] },
    ...[2, 3, 4].map((n) => ({ operator: 'Identity', inputs: [`r${n}i`], outputs: [`r${n}o`] })),
  ];
  const states = (end: 'i' | 'o'): Value[] =>
    STATES.map((n) => ({ name: `r${n}${end}`, shape: OPEN }));
  const inputs: Value[] = [PICTURE, ...states('i'), { name: 'downsample_ratio', shape: [1] }];
  const outputs: Value[] = [
    { name: 'fgr', shape: [1, 3, 'h', 'w'] },
    { name: 'pha', shape: [1, 1, 'h', 'w'] },
    ...states('o'),
  ];
  return writeModel(
    nodes,
    inputs.map((value) => ({ ...value, half })),
    outputs.filter(({ name }) => name !== missing).map((value) => ({ ...value, half })),
  );
}

/** One picture in, as opaque as bright; of one size, or of any. */
export function imageModel(side: number | undefined, channels = 3): Buffer {
  const sides = side === undefined ? ['h', 'w'] : [side, side];
  return writeModel(
    [brightest('picture', 'opacity')],
    [{ name: 'picture', shape: [1, channels, ...sides] }],
    [{ name: 'opacity', shape: [1, 1, ...sides] }],
  );
}

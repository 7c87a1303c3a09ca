import {
  appendFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';

import { chargeCount, createWorld, statuses } from './harness.ts';

/** So large that it is read in many pieces; the change comes after the first. */
const SIZE = 4_000_000;
const content = (letter: string): string => letter.repeat(SIZE);

const changes: readonly (readonly [string, (path: string) => void])[] = [
  ['is overwritten in place', (path) => writeFileSync(path, content('b'), { flag: 'r+' })],
  [
    'is overwritten in place, and wears its old time',
    (path) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, content('b'), { flag: 'r+' });
      utimesSync(path, atime, mtime);
    },
  ],
  ['shrinks', (path) => truncateSync(path, 100)],
];

test.each(changes)(
  'a clip that %s while it is uploaded is not paid for',
  async (_title, change) => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4', content('a'));
    let changed = false;
    const outcomes = await world.run([clip], {
      onEvent(event) {
        if (changed || event.type !== 'clip_progress' || event.phase !== 'upload') return;
        changed = true;
        change(clip.path);
      },
    });
    expect(statuses(outcomes)).toEqual(['failed source_changed']);
    expect([chargeCount(world.sandbox), world.sandbox.requests().create]).toEqual([0, 0]);
  },
);

const harmless: typeof changes = [
  ['grows', (path) => appendFileSync(path, 'more')],
  ['is deleted', (path) => rmSync(path)],
  [
    'is replaced by another',
    (path) => {
      writeFileSync(`${path}.new`, 'other bytes');
      renameSync(`${path}.new`, path);
    },
  ],
];

test.each(harmless)(
  'one that %s meanwhile is worked as it was: those bytes were sent',
  async (_title, change) => {
    const world = await createWorld();
    const clip = await world.clip('a.mp4', content('a'));
    let changed = false;
    const [outcome] = await world.run([clip], {
      onEvent(event) {
        if (changed || event.type !== 'clip_progress' || event.phase !== 'upload') return;
        changed = true;
        change(clip.path);
      },
    });
    expect(outcome?.status).toBe('done');
    expect(chargeCount(world.sandbox)).toBe(1);
  },
);

import { expect, test } from 'vitest';

import { formatTable } from '../../src/cli/report/table.ts';

test('columns stand straight on a screen, whatever the names are written in', () => {
  const columns = [{ title: 'clip' }, { title: 'n', align: 'right' as const }, { title: 'out' }];
  const rows = [
    ['日本.mp4', '1', 'a'],
    ['e\u0301.mp4', '12', ''],
    ['👩‍👧.mp4', '3', 'b'],
  ];
  expect(formatTable(columns, rows).split('\n')).toEqual([
    'clip       n  out',
    '日本.mp4   1  a',
    'e\u0301.mp4     12',
    '👩‍👧.mp4     3  b',
  ]);
});

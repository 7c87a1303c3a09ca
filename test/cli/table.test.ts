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

test('a table of ten thousand rows keeps its columns and takes no minute', () => {
  const columns = [{ title: 'clip' }, { title: 'n', align: 'right' as const }];
  const rows = Array.from({ length: 10_000 }, (_, row) => [`clip-${row}`, String(row)]);
  const lines = formatTable(columns, rows).split('\n');
  expect(lines).toHaveLength(10_001);
  expect([lines[1], lines[10_000]]).toEqual(['clip-0        0', 'clip-9999  9999']);
});

import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { readPathList } from '../../src/files/readPathList.ts';

function listOf(...chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
  return readPathList(Readable.from(chunks));
}

describe('readPathList', () => {
  it('reads one path a line, with or without a last newline', async () => {
    expect(await listOf('a.mp4\nb c.mp4\r\n\n d ')).toEqual(['a.mp4', 'b c.mp4', ' d ']);
  });

  it('reads names with newlines when they are separated by NUL', async () => {
    expect(await listOf('a\nb.mp4\0c.mp4\0')).toEqual(['a\nb.mp4', 'c.mp4']);
  });

  it('joins names and characters that arrive in pieces', async () => {
    const bytes = Buffer.from('é.mp4\nx.mp4');
    expect(await listOf(bytes.subarray(0, 1), bytes.subarray(1, 8), bytes.subarray(8))).toEqual([
      'é.mp4',
      'x.mp4',
    ]);
  });

  it('is empty for an empty list', async () => {
    expect(await listOf()).toEqual([]);
  });
});

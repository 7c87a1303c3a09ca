import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planOutputPaths } from '../../src/files/outputPaths.ts';

function plan(...relativePaths: readonly string[]): readonly string[] {
  return planOutputPaths(
    relativePaths.map((relativePath) => ({ relativePath, extension: '.webm' })),
  );
}

describe('planOutputPaths', () => {
  it('mirrors the input tree', () => {
    expect(plan('a.mp4', 'day 1/b.MOV', 'day 1/sub/c.tar.avi')).toEqual([
      'a.webm',
      'day 1/b.webm',
      'day 1/sub/c.tar.webm',
    ]);
  });

  it('keeps the extension of clips that differ in nothing else', () => {
    expect(plan('x/a.mp4', 'x/a.mov', 'y/a.mp4')).toEqual([
      'x/a.mp4.webm',
      'x/a.mov.webm',
      'y/a.webm',
    ]);
  });

  it('numbers clips of the same path below different roots', () => {
    expect(plan('a.mp4', 'a.mp4', 'a.mp4', 'a-2.mp4')).toEqual([
      'a.webm',
      'a-3.webm',
      'a-4.webm',
      'a-2.webm',
    ]);
  });

  it('keeps apart what a file system may hold to be one name', () => {
    expect(plan('A.mp4', 'a.mp4')).toEqual(['A.webm', 'a-2.webm']);
    expect(plan('\u00e9.mp4', 'e\u0301.mp4')).toEqual(['\u00e9.webm', '\u00e9-2.webm']);
  });

  it('never gives a file the name of a folder', () => {
    expect(plan('a.mp4', 'a.webm/b.mp4')).toEqual(['a-2.webm', 'a.webm/b.webm']);
  });

  it.each([
    ['CON.mp4', '_CON.webm'],
    ['nul.tar.mp4', '_nul.tar.webm'],
    ['com1 .x/lpt9.mp4', '_com1 .x/_lpt9.webm'],
    ['dots....mp4', 'dots.webm'],
    ['folder. /a .mp4', 'folder/a.webm'],
    ['a:b*c?"<>|\\.mp4', 'a_b_c______.webm'],
    ['new\nline\u001b[2J\u202e.mp4', 'new_line_[2J_.webm'],
    ['../../etc/passwd.mp4', 'etc/passwd.webm'],
    ['/etc/./x.mp4', 'etc/x.webm'],
    ['...', '_.webm'],
    ['-o.mp4', '-o.webm'],
    ['\ud800.mp4', '_.webm'],
  ])('makes %j safe as %j', (given, expected) => {
    expect(plan(given)).toEqual([expected]);
  });

  it('is distinct, relative and valid everywhere for any names', () => {
    const part = fc.oneof(
      fc.constantFrom('a', 'A', 'a-2', 'con', '..', '.', 'é', 'e\u0301', 'a.webm', 'ß', 'SS', 'İ'),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'grapheme', minLength: 90, maxLength: 120 }),
    );
    const path = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('.mp4', '.mov', ''))
      .map(([parts, extension]) => parts.join('/') + extension);
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const outputs = plan(...paths);
        const keys = outputs.map((output) => output.normalize('NFC').toLowerCase());
        expect(new Set(keys).size).toBe(paths.length);
        for (const name of outputs.flatMap((output) => output.split('/'))) {
          expect(name).toMatch(/^[^\u0000-\u001f<>:"\\|?*]*[^\u0000-\u001f<>:"\\|?*. ]$/);
          expect(name.split('.', 1)[0]).not.toMatch(/^(?:con|nul|com\d)\s*$/i);
          expect(Buffer.byteLength(name)).toBeLessThan(230);
        }
      }),
    );
  });
});

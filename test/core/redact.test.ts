import { expect, test } from 'vitest';

import { printable, redact } from '../../src/core/redact.ts';

test('a key never appears, in whatever spelling', () => {
  const key = 'sk_live/ab+cd==';
  const text = `x ${key} y ${encodeURIComponent(key)} z ${Buffer.from(key).toString('base64')}`;
  expect(redact(text, [key, ''])).not.toMatch(/ab|c2tf/);
});

test('signatures of URLs are taken out, the rest stays readable', () => {
  expect(redact('get https://h/o.webm?X-Amz-Signature=abc&part=1', [])).toBe(
    'get https://h/o.webm?X-Amz-Signature=[removed]&part=1',
  );
});

test('names and server messages cannot move the cursor or recolour the screen', () => {
  expect(printable('a\u001b[2Jb\u202ec\rd\ne')).toBe('a\\x1b[2Jb\\x202ec\\x0dd e');
  expect(printable('x'.repeat(2000))).toHaveLength(500);
});

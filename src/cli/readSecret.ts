import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import type { Terminal } from './terminal.ts';

/** From a pipe as it comes; from a person without showing it. */
export async function readSecret(prompt: string, terminal: Terminal): Promise<string> {
  if (!terminal.interactive) {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  process.stderr.write(prompt);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

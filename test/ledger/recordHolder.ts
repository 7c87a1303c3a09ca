import { once } from 'node:events';

import { openSharedRecord } from '../../src/ledger/sharedRecord.ts';

/** A process of its own that counts in a record, or stops for good in the middle of a change. */
const [, , path = '', task = ''] = process.argv;
if (task === 'count') {
  process.send?.('ready');
  await once(process, 'message');
}
const record = openSharedRecord<number>(path);
if (task === 'hang') {
  record.update((count = 0) => {
    process.send?.('hanging');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return [count + 1_000_000, undefined];
  });
}
for (let done = 0; done < 500; done += 1) record.update((count = 0) => [count + 1, undefined]);
process.send?.('counted');
process.disconnect();

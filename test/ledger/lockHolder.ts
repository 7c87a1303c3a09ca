import { takeLock } from '../../src/ledger/processLock.ts';

/** A process of its own that takes a lock and keeps it until it is killed. */
const lock = takeLock(process.argv[2] ?? '');
process.send?.(lock === undefined ? 'refused' : 'held');
setInterval(() => undefined, 60_000);

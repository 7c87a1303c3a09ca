/** A sandbox in a process of its own, to be killed: prints its URL, then works for ever. */
import { takeLock } from '../../src/ledger/processLock.ts';
import { startSandbox } from '../../src/sandbox/startSandbox.ts';
import { endlessWork, KEY, probeClip } from './doubles.ts';

const [dataDir = ''] = process.argv.slice(2);
const sandbox = await startSandbox({
  dataDir,
  takeLock,
  keys: [KEY],
  work: endlessWork,
  probeDurationSeconds: probeClip,
});
process.stdout.write(`${sandbox.url}\n`);

// A process that dies of a bug while a block is on the screen.
import { systemClock } from '../../src/core/clock.ts';
import { openLiveBlock } from '../../src/cli/report/liveBlock.ts';

openLiveBlock(process.stdout, () => ['at work'], systemClock);
setImmediate(() => {
  throw new Error('a bug');
});

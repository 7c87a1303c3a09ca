/** Entry of a thread that mattes frames: whatever is in the slots it is told of, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';

import type { Order, ThreadData } from './crew/crew.ts';
import { createMatter, type Matter, slotOver } from './crew/matter.ts';

const port = parentPort;
if (port === null) throw new Error('frameWorker.ts runs on a worker thread only');
const { memories, layout } = workerData as ThreadData;
const slots = memories.map((memory) => slotOver(memory, layout));
let matter: Matter | undefined;
port.on('message', (order: Order) => {
  if (order.type === 'begin') matter = createMatter(order.treatment, layout);
  else port.postMessage(matter!(slots[order.slot]!, order.track));
});

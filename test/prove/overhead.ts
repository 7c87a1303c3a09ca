import { openField, type Client } from './field.ts';
import { portion, table, type Proof } from './proof.ts';

interface Cost {
  readonly requests: number;
  /** Time of a place among those at work, the service's time and the waiting between polls included. */
  readonly clipMs: number;
  readonly writes: number;
  readonly writeMs: number;
}

const AT_ONCE = 4;

/** What one clip costs a client in fair weather, on a clock that runs as it should. */
async function measure(client: Client, clips: number): Promise<Cost> {
  const field = await openField(client);
  try {
    const folder = await field.folder(clips);
    const report = await field.run({ folders: [folder], clockScale: 1, concurrency: AT_ONCE });
    const { requests } = await field.judge();
    return {
      requests: requests / clips,
      // From one clip to the next: more than these are begun, and wait for a place.
      clipMs: (report.workMs * AT_ONCE) / clips,
      writes: report.writes / clips,
      writeMs: report.writeMs / clips,
    };
  } finally {
    await field.close();
  }
}

export const overheadProof: Proof = {
  heading: 'What safety costs',
  async run(_seed, share) {
    const clips = portion(80, share);
    const ours = await measure('rbgv', clips);
    const control = await measure('one-step', clips);
    const row = (name: string, cost: Cost): readonly string[] => [
      name,
      cost.requests.toFixed(1),
      cost.clipMs.toFixed(0),
      cost.writes.toFixed(1),
      cost.writeMs.toFixed(1),
    ];
    const text = `\`npm run prove:overhead\`: ${clips} clips, four at a time, no faults, real time. Both clients wait 2 s before they ask
the first time; the work itself takes 20 ms. A durable write returns when the disk has it.

${table(
  ['client', 'requests a clip', 'ms a clip', 'durable writes a clip', 'ms in them'],
  [row('rbgv', ours), row('control: one step', control)],
)}

The difference: **${(ours.requests - control.requests).toFixed(1)} requests and ${(ours.clipMs - control.clipMs).toFixed(0)} ms a clip.**`;
    return { holds: true, text };
  },
};

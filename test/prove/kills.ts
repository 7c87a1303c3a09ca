import { setTimeout as delay } from 'node:timers/promises';

import { seededRandom } from '../../src/sandbox/faults/seededRandom.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { openField, type Client, type Verdict } from './field.ts';
import { portion, type Proof, table } from './proof.ts';

export interface KillOptions {
  readonly client: Client;
  readonly clips: number;
  readonly kills: number;
  /** Share of the API's answers that are faulty, 0..1. */
  readonly faultShare: number;
  readonly seed: number;
}

export interface KillVerdict extends Verdict {
  /** Processes that were killed before they were done. */
  readonly kills: number;
}

/** A start may be carried out so long after its connection ended; well within the quiet time. */
const LATE_MS = 200;

/** Bad weather on every door, so that together the given share of the calls is struck. */
function weather(share: number): readonly Fault[] {
  const kinds = (endpoint: 'uploads' | 'create' | 'start' | 'get'): readonly Fault[] => {
    const probability = share / 6;
    return [
      { endpoint, probability, kind: 'drop_before' },
      { endpoint, probability, kind: 'drop_after' },
      { endpoint, probability, kind: 'status', status: 500 },
      { endpoint, probability, kind: 'status', status: 500, when: 'after' },
      { endpoint, probability, kind: 'html_502', when: 'after' },
      { endpoint, probability, kind: 'truncated_json' },
    ];
  };
  return [
    ...kinds('uploads'),
    ...kinds('create'),
    { endpoint: 'start', probability: share / 6, kind: 'execute_late', ms: LATE_MS },
    ...kinds('start'),
    ...kinds('get'),
    { endpoint: 'output', probability: share / 2, kind: 'cut_body_at', bytes: 20 },
    { endpoint: 'output', probability: share / 2, kind: 'status', status: 503 },
  ];
}

/**
 * Lets a client work a folder of clips against a sandbox that charges every start, under bad
 * weather, killing it again and again; then lets it finish, and judges by the server's ledger.
 */
export async function proveKills(options: KillOptions): Promise<KillVerdict> {
  const { client, clips, seed, faultShare } = options;
  const field = await openField(client, { faults: weather(faultShare), seed });
  try {
    const folder = await field.folder(clips);
    const order = { folders: [folder], clockScale: 100, concurrency: 32 };
    let kills = 0;
    while (kills < options.kills) {
      const child = field.start(order);
      const ended = child.then(() => true);
      // Long enough to get going, short enough to die in the middle of something.
      const survived = await Promise.race([
        ended,
        delay(250 + seededRandom(seed, kills) * 500).then(() => false),
      ]);
      if (survived) {
        const { exitCode, stderr } = await child;
        if (exitCode !== 0) throw new Error(`the client broke: ${stderr}`);
        break;
      }
      child.kill('SIGKILL');
      await child;
      kills += 1;
    }
    // Nothing may be left pending for ever: a few undisturbed runs must finish everything.
    for (let run = 0; run < 6 && (await field.finished(folder)) < clips; run += 1) {
      await field.start(order);
    }
    return { ...(await field.judge()), kills };
  } finally {
    await field.close();
  }
}

export const killsProof: Proof = {
  heading: 'Kills in bad weather',
  async run(seed, share) {
    const seeds = Array.from({ length: Math.ceil(10 * share) }, (_, index) => seed + index);
    const clips = Math.min(1_000, portion(10_000, share));
    const all = { clips, kills: Math.ceil(clips / 5), faultShare: 0.2 };
    const ours: KillVerdict[] = [];
    for (const each of seeds) {
      const verdict = await proveKills({ client: 'rbgv', ...all, seed: each });
      console.log(`seed ${each}: ${JSON.stringify(verdict)}`);
      ours.push(verdict);
    }
    const control = await proveKills({ client: 'one-step', ...all, seed });
    const sum = ours.reduce(add);
    const row = (name: string, v: KillVerdict): readonly string[] => [
      name,
      ...[v.clips, v.kills, v.charges].map(String),
      ...[v.doubleCharges, v.lost, v.corrupt].map((count) => `**${count}**`),
      (v.requests / v.clips).toFixed(1),
    ];
    const named = seeds.length === 1 ? `seed ${seed}` : `seeds ${seed} to ${seeds.at(-1) ?? seed}`;
    const text = `\`npm run prove:kills -- --seed ${seed}\`. The server charges **every** start, late ones too, and spoils about 20 % of the
API's answers: dropped before and after, 500 before and after, proxy pages, half answers, starts carried out after
their connection ended, outputs cut short. The client is killed with SIGKILL again and again, then may finish.

${table(
  ['client', 'clips', 'kills', 'charges', 'double', 'lost', 'corrupt', 'requests a clip'],
  [
    row(`rbgv, ${named}`, sum),
    row(`control: one step (\`auto_start: true\`), retried, seed ${seed}`, control),
  ],
)}

The control shows that the harness sees double charges; it finishes sooner, so fewer kills reach it. A seed fixes the
weather and the times of the kills, not what a process is doing at that time.`;
    const bad = sum.doubleCharges + sum.lost + sum.corrupt;
    return { holds: bad === 0 && control.doubleCharges > 0, text };
  },
};

function add(a: KillVerdict, b: KillVerdict): KillVerdict {
  return {
    clips: a.clips + b.clips,
    kills: a.kills + b.kills,
    requests: a.requests + b.requests,
    charges: a.charges + b.charges,
    doubleCharges: a.doubleCharges + b.doubleCharges,
    lost: a.lost + b.lost,
    corrupt: a.corrupt + b.corrupt,
  };
}

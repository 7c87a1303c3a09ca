import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { proveKills, type KillOptions, type Verdict } from './kills.ts';

/** `npm run prove:kills`: seeds in turn, then the control; writes RELIABILITY.md. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    clips: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '200' },
    faults: { type: 'string', default: '0.2' },
    dry: { type: 'boolean', default: false },
  },
});
const clips = Number(values.clips);
const kills = Number(values.kills);
const faultShare = Number(values.faults);
const first = Number(values['first-seed']);
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => first + index);

async function prove(client: KillOptions['client'], seed: number): Promise<Verdict> {
  const verdict = await proveKills({ client, clips, kills, faultShare, seed, clockScale: 100 });
  console.log(`${client} seed ${seed}: ${JSON.stringify(verdict)}`);
  return verdict;
}

const ours: Verdict[] = [];
for (const seed of seeds) ours.push(await prove('rbgv', seed));
const control = await prove('one-step', first);

const total = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce((a, b) => ({
    clips: a.clips + b.clips,
    kills: a.kills + b.kills,
    requests: a.requests + b.requests,
    charges: a.charges + b.charges,
    doubleCharges: a.doubleCharges + b.doubleCharges,
    lost: a.lost + b.lost,
    corrupt: a.corrupt + b.corrupt,
    seconds: a.seconds + b.seconds,
  }));

const row = (name: string, v: Verdict): string =>
  `| ${name} | ${v.clips} | ${v.kills} | ${v.charges} | **${v.doubleCharges}** | **${v.lost}** | **${v.corrupt}** | ${(v.requests / v.clips).toFixed(1)} |`;

const sum = total(ours);
const text = `# Reliability

Written by \`npm run prove:kills\`. The server is rbgv's own sandbox: it charges **every** start, late ones too, and spoils
about ${faultShare * 100} % of the API's answers (dropped before and after, 500 before and after, proxy pages, half answers, starts
carried out after their connection ended, outputs cut short). The client is killed with SIGKILL again and again, then
may finish. The judge is the server's charge ledger and the bytes on disk. This is a mock; nothing here was measured on
the live service.

| client | clips | kills | charges | double | lost | corrupt | requests a clip |
| --- | --- | --- | --- | --- | --- | --- | --- |
${row(`rbgv, seeds ${first} to ${first + seeds.length - 1}`, sum)}
${row(`control: one step (\`auto_start: true\`), retried, seed ${first}`, control)}

The control shows that the harness sees double charges; it finishes sooner, so fewer kills reach it. A seed fixes the
weather and the times of the kills, not what a process is doing at that time:
\`npm run prove:kills -- --first-seed N --seeds 1\`.
Every crash point of one clip, and every pair of them, is part of \`npm test\` (\`test/batch/crashPoints.test.ts\`).
`;
console.log(text);
if (!values.dry) await writeFile(join(import.meta.dirname, '..', '..', 'RELIABILITY.md'), text);
if (sum.doubleCharges + sum.lost + sum.corrupt > 0 || control.doubleCharges === 0)
  process.exitCode = 1;

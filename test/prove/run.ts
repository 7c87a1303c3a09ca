import { parseArgs } from 'node:util';

import { crashPointsProof } from './crashPoints.ts';
import { killsProof } from './kills.ts';
import { lateProof } from './late.ts';
import { overheadProof } from './overhead.ts';
import { processesProof } from './processes.ts';
import { writeSection, type Proof } from './proof.ts';

const PROOFS: Readonly<Record<string, Proof>> = {
  kills: killsProof,
  crashpoints: crashPointsProof,
  late: lateProof,
  processes: processesProof,
  overhead: overheadProof,
};

/**
 * `npm run prove:<name>`, or `npm run prove` for all of them: runs the experiment and writes what it
 * found into its section of RELIABILITY.md. `--seed` repeats one, `--share 0.05` runs a twentieth,
 * `--dry` writes nothing. Exit code 1 when a promise was broken, or a control shows nothing.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    share: { type: 'string', default: '1' },
    dry: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const share = Number(values.share);
if (!Number.isInteger(seed) || !(share > 0 && share <= 1)) {
  throw new Error('--seed takes a whole number, --share a number above 0 up to 1');
}
for (const name of positionals.length > 0 ? positionals : Object.keys(PROOFS)) {
  const proof = PROOFS[name];
  if (proof === undefined)
    throw new Error(`no proof \`${name}\`: ${Object.keys(PROOFS).join(', ')}`);
  console.log(`${name}, seed ${seed}, share ${share}`);
  const begun = performance.now();
  const { holds, text } = await proof.run(seed, share);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`\n${text}\n\n${name}: ${holds ? 'holds' : 'BROKEN'}, ${seconds} s, seed ${seed}\n`);
  if (!values.dry) await writeSection(proof.heading, text);
  if (!holds) process.exitCode = 1;
}

import { KNOBS } from '../behaviour.ts';

/** What is open too, and why no knob of the server can stand for it. */
const NO_KNOB: readonly (readonly [source: string, why: string])[] = [
  ['C8', 'retry delays are the client’s affair; rate limits are knobs'],
  ['C9', 'the poll interval is the client’s affair'],
  ['C20', 'labels on pages and in READMEs'],
  ['N1', 'no balance endpoint is documented; GET /sandbox/balance is the sandbox’s own'],
  ['N14', 'no cancel and no delete are documented, so there are none'],
  ['N19', 'sound and the packing of PNG sequences are the engine’s affair'],
  ['N24', 'a test mode: this is it'],
];

const LEGEND = `What the service's pages leave open, one knob each.
C1..C20 are conflicts between its pages, N1..N24 what is documented nowhere, a.1..a.14 endpoints.
`;

/** Every knob with its values, its default and the contract's reason: text for a terminal. */
export function explainBehaviour(): string {
  const knobs = Object.entries(KNOBS).map(
    ([name, { values, default: standard, reason }]) =>
      `${name}\n  values   ${values}\n  default  ${JSON.stringify(standard)}\n  reason   ${reason}\n`,
  );
  const rest = NO_KNOB.map(([source, why]) => `  ${source.padEnd(4)} ${why}\n`);
  return `${LEGEND}\n${knobs.join('\n')}\nwithout a knob\n${rest.join('')}`;
}

import { expect, test } from 'vitest';

import { DEFAULT_BEHAVIOUR, KNOBS } from '../../src/sandbox/behaviour.ts';
import { explainBehaviour } from '../../src/sandbox/behaviour/explainBehaviour.ts';
import { parseBehaviour, parseBehaviourFlags } from '../../src/sandbox/behaviour/parseBehaviour.ts';

test('a behaviour file is taken as it is', () => {
  const json = { draftWord: 'pending', rounding: 'minute_up', ratePerSecond: null };
  expect(parseBehaviour(json)).toEqual(json);
  expect(parseBehaviour(DEFAULT_BEHAVIOUR)).toEqual(DEFAULT_BEHAVIOUR);
});

test('flags hold JSON, or a word', () => {
  const flags = ['draftWord=pending', 'listPageCap=20', 'cors=true', 'processingWord=null'];
  expect(parseBehaviourFlags(flags)).toEqual({
    draftWord: 'pending',
    listPageCap: 20,
    cors: true,
    processingWord: null,
  });
});

test.each([
  [{ draftwort: 'pending' }, 'unknown_knob', /draftwort/, /--explain/],
  [{ rounding: 'hourly' }, 'bad_knob_value', /rounding.*hourly/, /exact \| second_up/],
  [{ listPageCap: 0 }, 'bad_knob_value', /listPageCap/, /1 or more/],
  [{ toString: 1 }, 'unknown_knob', /toString/, /--explain/],
  [['rounding'], 'sandbox_behaviour_invalid', /object/, /--explain/],
])('%j is refused with what to do about it', (json, code, message, hint) => {
  expect(() => parseBehaviour(json)).toThrow(
    expect.objectContaining({
      category: 'usage',
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    }),
  );
});

test('every knob accepts its own default', () => {
  for (const [name, knob] of Object.entries(KNOBS)) {
    expect([name, knob.schema.safeParse(knob.default).success]).toEqual([name, true]);
  }
});

test('the explanation names every knob, and every conflict and gap of the contract', () => {
  const text = explainBehaviour();
  for (const name of Object.keys(KNOBS)) expect(text).toContain(`${name}\n`);
  const numbered = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${String(index + 1)}`);
  for (const number of [...numbered('C', 20), ...numbered('N', 24)]) {
    expect(text).toMatch(new RegExp(`\\b${number}\\b`));
  }
});

import { expect, test } from 'vitest';

import {
  choiceText,
  judge,
  percent,
  verdictText,
  type Contender,
  type MatteFigures,
} from '../../src/core/comparison.ts';
import { credits } from '../../src/core/credits.ts';
import type { Model } from '../../src/core/model.ts';

const GOOD: MatteFigures = { flicker: 0.01, coverage: 0.3, jump: 0.1, edge: 0.01 };

const contender = (model: Model, price: number, figures?: Partial<MatteFigures>): Contender => ({
  model,
  price: credits(price),
  figures: figures && { ...GOOD, ...figures },
});

test.each([
  [{ flicker: 0.08 }, 'flickers: 8 % > 5 %'],
  [{ jump: 0.9 }, 'jumps: 90 % > 50 %'],
  [{ edge: 0.2 }, 'hazy: 20 % > 5 %'],
  [{ coverage: 0.99 }, 'next to nothing is removed'],
  [{ coverage: 0.1 }, 'keeps less than half of what the others keep'],
] as const)('the cheapest output is passed over when it is %o', (figures, fault) => {
  const judged = judge([
    contender('light', 2, figures),
    contender('original', 3, {}),
    contender('pro', 9, {}),
  ]);
  expect(judged.map(({ judgement }) => verdictText(judgement))).toEqual([
    fault,
    'cheapest acceptable',
    'acceptable',
  ]);
  expect(choiceText(judged)).toBe(
    'original (3) is the cheapest acceptable; acceptable too: pro (9); ' +
      'cheaper, and not acceptable: light (2).',
  );
});

test('of equally cheap models that which flickers least is marked', () => {
  const judged = judge([contender('light', 2, { flicker: 0.02 }), contender('human', 2, {})]);
  expect(judged.map(({ judgement }) => judgement.isChoice)).toEqual([false, true]);
});

test('an output that shows nothing, or was not measured, is never marked', () => {
  const judged = judge([contender('light', 2, { coverage: 0 }), contender('human', 2)]);
  expect(judged.map(({ judgement }) => verdictText(judgement))).toEqual([
    'next to nothing is left',
    'not measured',
  ]);
  expect(choiceText(judged)).toBe('No model is acceptable by the figures.');
});

test('shares are told with the digits that their size makes worth reading', () => {
  expect([0.00123, 0.0345, 0.2, 1, 0].map(percent)).toEqual([
    '0.12 %',
    '3.5 %',
    '20 %',
    '100 %',
    '0 %',
  ]);
});

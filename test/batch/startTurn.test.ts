import PQueue from 'p-queue';
import { expect, test } from 'vitest';

import type { BatchDeps, BatchState } from '../../src/batch/deps.ts';
import { createFlights } from '../../src/batch/budget.ts';
import { createJobSlots } from '../../src/batch/jobSlots.ts';
import {
  createStartTurns,
  leaveTurns,
  outputIsReady,
  takeTurn,
} from '../../src/batch/startTurn.ts';

test('nothing new is started while outputs wait to be fetched', async () => {
  const state: BatchState = {
    gate: undefined,
    hold: undefined,
    turns: createStartTurns(),
    refusedKeys: new Set(),
    pollerFor: () => {
      throw new Error('nothing is started here');
    },
    canary: undefined,
    flights: createFlights(),
    slots: createJobSlots(2),
    tellAlerts: () => undefined,
    reading: new PQueue(),
  };
  const deps = { concurrency: 2, signal: new AbortController().signal } as BatchDeps;
  for (let number = 0; number < 5; number += 1) outputIsReady(`ready ${number}`, state);
  let started = false;
  const turn = takeTurn('next', deps, state).then(() => (started = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toBe(false);
  leaveTurns('ready 3', state);
  await turn;
  expect(started).toBe(true);
});

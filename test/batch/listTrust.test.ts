import { expect, test } from 'vitest';

import { createListTrust } from '../../src/batch/listTrust.ts';
import { credits } from '../../src/core/credits.ts';
import type { JobView } from '../../src/core/jobView.ts';
import { systemClock } from '../../src/core/clock.ts';

const OWN: JobView = {
  id: 'job_1',
  status: 'completed',
  progress: 100,
  outputUrl: 'https://outputs.example/job_1',
  error: undefined,
  billingStatus: 'charged',
  creditsUsed: credits(12),
  createdAt: undefined,
  metadata: {},
  sawStartedEvent: true,
};

test('a list tells ends once one of its items has said all that the job itself says', () => {
  const trust = createListTrust(systemClock);
  expect(trust.tellsEnds()).toBe(false);
  trust.compared(OWN, OWN);
  expect(trust.tellsEnds()).toBe(true);
});

test.each<[string, Partial<JobView>]>([
  ['where the output is', { outputUrl: undefined }],
  ['what the job cost', { creditsUsed: undefined }],
])('a list that leaves out %s tells no ends', (_, lacks) => {
  const trust = createListTrust(systemClock);
  trust.compared({ ...OWN, ...lacks }, OWN);
  expect([trust.tellsEnds(), trust.isWide()]).toEqual([false, false]);
});

test('an output that is not there yet says nothing of the list', () => {
  const trust = createListTrust(systemClock);
  const early = { ...OWN, outputUrl: undefined };
  trust.compared(early, early);
  expect([trust.tellsEnds(), trust.isWide()]).toEqual([false, true]);
});

test('the list of all jobs is read as long as it spares more requests than it costs', () => {
  const trust = createListTrust(systemClock);
  for (let read = 0; read < 20; read += 1) trust.wideTold(1, false);
  for (let read = 0; read < 20; read += 1) trust.wideTold(0, true);
  expect(trust.isWide()).toBe(true);
  for (let read = 0; read < 6; read += 1) trust.wideTold(0, false);
  expect(trust.isWide()).toBe(false);
  trust.wideTold(5, true);
  expect(trust.isWide()).toBe(false);
});

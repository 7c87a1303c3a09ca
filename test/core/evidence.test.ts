import { expect, test } from 'vitest';

import { startEvidence } from '../../src/core/evidence.ts';
import type { JobView } from '../../src/core/jobView.ts';

const view = (changes: Partial<JobView>): JobView => ({
  id: 'job_1',
  status: undefined,
  progress: undefined,
  outputUrl: undefined,
  error: undefined,
  billingStatus: undefined,
  creditsUsed: undefined,
  createdAt: undefined,
  metadata: {},
  sawStartedEvent: false,
  ...changes,
});

test.each([
  ['the learned draft word and no trace of billing', { status: 'created' }, 'not_started'],
  ['processing', { status: 'processing' }, 'started'],
  ['completed', { status: 'completed' }, 'started'],
  ['failed', { status: 'failed' }, 'started'],
  ['a draft that was charged', { status: 'created', billingStatus: 'charged' }, 'started'],
  ['a draft with progress', { status: 'created', progress: 3 }, 'started'],
  ['a draft with a started event', { status: 'created', sawStartedEvent: true }, 'started'],
  ['a draft with an unknown billing word', { status: 'created', billingStatus: 'held' }, 'unclear'],
  ['a status word nobody knows', { status: 'queued2' }, 'unclear'],
  ['a status that is no word', { status: undefined }, 'unclear'],
] as const)('%s', (_title, changes, expected) => {
  expect(startEvidence(view(changes), 'created')).toBe(expected);
});

test('before the draft word is learned nothing counts as not started', () => {
  expect(startEvidence(view({ status: 'created' }), undefined)).toBe('unclear');
});

test('a server that calls its drafts `processing` gives no evidence by that word', () => {
  expect(startEvidence(view({ status: 'processing' }), 'processing')).toBe('not_started');
  expect(startEvidence(view({ status: 'processing', billingStatus: 'x' }), 'processing')).toBe(
    'unclear',
  );
});

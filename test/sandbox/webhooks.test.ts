import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';

import type { Behaviour } from '../../src/sandbox/behaviour.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { endlessWork, failingWork } from './doubles.ts';
import { clientOf, hastyClock, open, otherServer, tempFolder, type Received } from './support.ts';

const SECRET = 'whsec';

/** Runs one job whose events are delivered to a server of the test's own. */
async function delivered(options: {
  readonly behaviour?: Partial<Behaviour>;
  readonly faults?: readonly Fault[];
  readonly answer?: Parameters<typeof otherServer>[0];
  readonly expected?: number;
}) {
  const server = await otherServer(options.answer);
  const { url } = await open({
    clock: hastyClock,
    webhookSecret: SECRET,
    behaviour: options.behaviour ?? {},
    faults: options.faults ?? [],
  });
  const client = clientOf(url);
  const { id } = await client.started(1, { webhook_url: `${server.url}/hook` });
  await client.ended(id);
  await expect.poll(() => server.received).toHaveLength(options.expected ?? 2);
  const job = async () => (await client.get(`/v1/jobs/${id}`)).body;
  return { id, job, received: server.received };
}

function isSigned({ headers, body }: Received): boolean {
  const signed = `${String(headers['x-webhook-timestamp'])}.${body}`;
  const digest = createHmac('sha256', SECRET).update(signed).digest('hex');
  return headers['x-webhook-signature'] === `sha256=${digest}`;
}

const eventsOf = (received: readonly Received[]): unknown[] =>
  received.map(({ headers }) => headers['x-webhook-event']);

test('a job tells its start and its end, signed over timestamp and body', async () => {
  const { id, job, received } = await delivered({});
  expect(eventsOf(received)).toEqual(['job.started', 'job.completed']);
  expect(received.map(isSigned)).toEqual([true, true]);
  expect(new Set(received.map(({ headers }) => headers['x-webhook-delivery-id'])).size).toBe(2);
  const { output_url } = await job();
  expect(JSON.parse(received[1]?.body ?? '')).toEqual({
    event: 'job.completed',
    data: { id, status: 'completed', output_url, error: null },
  });
  await expect
    .poll(async () => (await job())['webhook_events'])
    .toEqual({ 'job.started': 'sent', 'job.completed': 'sent' });
});

test('a failed job tells why, and without a secret there is no signature', async () => {
  const server = await otherServer();
  const client = clientOf((await open({ work: failingWork })).url);
  await client.started(1, { webhook_url: server.url });
  await expect.poll(() => eventsOf(server.received)).toEqual(['job.started', 'job.failed']);
  expect(JSON.parse(server.received[1]?.body ?? '')).toMatchObject({
    data: { error: 'sandbox_no_confident_matte: nothing moves' },
  });
  expect(server.received[0]?.headers).not.toHaveProperty('x-webhook-signature');
});

test.each([
  ['stable', 1],
  ['per_attempt', 3],
] as const)('a delivery that is refused is tried again, its id %s', async (kind, ids) => {
  let calls = 0;
  const server = await otherServer((response) => {
    calls += 1;
    response.statusCode = calls < 3 ? 500 : 204;
    response.end();
  });
  const behaviour = { webhookDeliveryId: kind, webhookRetries: 2 };
  const client = clientOf((await open({ clock: hastyClock, behaviour, work: endlessWork })).url);
  const { id } = await client.started(1, { webhook_url: server.url });
  await expect
    .poll(async () => (await client.get(`/v1/jobs/${id}`)).body['webhook_events'])
    .toEqual({ 'job.started': 'sent' });
  expect(server.received).toHaveLength(3);
  expect(new Set(server.received.map(({ headers }) => headers['x-webhook-delivery-id'])).size).toBe(
    ids,
  );
});

test('a receiver that never takes it is recorded as failed', async () => {
  const { job, received } = await delivered({
    behaviour: { webhookRetries: 1, webhookEventsShape: 'list' },
    answer: (response) => {
      response.statusCode = 500;
      response.end();
    },
    expected: 4,
  });
  expect(received).toHaveLength(4);
  await expect
    .poll(async () => (await job())['webhook_events'])
    .toEqual([
      { event: 'job.started', status: 'failed' },
      { event: 'job.completed', status: 'failed' },
    ]);
});

test('a delivery can be badly signed, too old or doubled', async () => {
  const bad = await delivered({ faults: [{ endpoint: 'webhook', nth: 1, kind: 'bad_signature' }] });
  expect(bad.received.map(isSigned)).toEqual([false, true]);

  const old = await delivered({
    faults: [{ endpoint: 'webhook', nth: 1, kind: 'old_timestamp', seconds: 900 }],
  });
  expect(old.received.map(isSigned)).toEqual([true, true]);
  const [first = 0, second = 0] = old.received.map(({ headers }) =>
    Date.parse(String(headers['x-webhook-timestamp'])),
  );
  expect(second - first).toBeGreaterThanOrEqual(900_000);

  const twice = await delivered({
    faults: [{ endpoint: 'webhook', nth: 2, kind: 'duplicate' }],
    expected: 3,
  });
  const ids = twice.received.map(({ headers }) => headers['x-webhook-delivery-id']);
  expect(ids[2]).toBe(ids[1]);
});

test('deliveries can come late, and out of order', async () => {
  const { received } = await delivered({
    faults: [
      { endpoint: 'webhook', nth: 1, kind: 'out_of_order' },
      { endpoint: 'webhook', nth: 2, kind: 'delayed', ms: 50 },
    ],
  });
  expect(eventsOf(received)).toEqual(['job.completed', 'job.started']);
});

test.each([
  ['flat', { event: 'job.completed', status: 'completed' }],
  ['job', { status: 'completed', progress: 100 }],
] as const)('a body can have the shape %s', async (webhookBody, shape) => {
  const { received } = await delivered({ behaviour: { webhookBody } });
  expect(JSON.parse(received[1]?.body ?? '')).toMatchObject(shape);
});

test.each(['http://10.0.0.1/', 'http://192.0.2.1/', 'http://169.254.169.254/latest'])(
  'nothing is sent to %s',
  async (webhook_url) => {
    const lines: string[] = [];
    const { url } = await open({
      clock: hastyClock,
      behaviour: { webhookRetries: 0, webhookHosts: 'public' },
      log: (line) => lines.push(line),
    });
    const client = clientOf(url);
    const { id } = await client.started(1, { webhook_url });
    await expect
      .poll(async () => (await client.get(`/v1/jobs/${id}`)).body['webhook_events'])
      .toEqual({ 'job.started': 'failed', 'job.completed': 'failed' });
    expect(lines.join('\n')).toContain('does not call');
  },
);

test('what was delivered is remembered, and an end in the middle of a delivery is no failure', async () => {
  const dataDir = await tempFolder();
  const silent = await otherServer(() => undefined);
  const first = await open({ dataDir, work: endlessWork });
  const client = clientOf(first.url);
  const { id } = await client.started(1, { webhook_url: silent.url });
  await expect.poll(() => silent.received).toHaveLength(1);
  await first.close();
  const second = clientOf((await open({ dataDir, work: endlessWork })).url);
  expect((await second.get(`/v1/jobs/${id}`)).body['webhook_events']).toEqual({});
});

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { startWebhookReceiver, type WebhookEvent } from '../../src/api/webhooks/webhookReceiver.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';

const SECRET = 'whsec-new';
const NOW = Date.parse('2026-11-20T12:00:00Z');
const BODY = JSON.stringify({ event: 'job.completed', data: { id: 'job_1', status: 'completed' } });

/** A receiver on a clock that stands at noon. */
async function receiver(options: { readonly timeoutMs?: number } = {}) {
  const events: WebhookEvent[] = [];
  const time = { now: NOW };
  const clock: Clock = { ...systemClock, now: () => time.now, monotonic: () => time.now };
  const secrets = ['whsec-old', SECRET];
  const onEvent = (event: WebhookEvent): void => void events.push(event);
  const started = { host: '127.0.0.1', port: 0, secrets, clock, onEvent, ...options };
  const { address, close } = await startWebhookReceiver(started);
  onTestFinished(close);
  const post = async (
    body: string | Buffer,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const sent = { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers };
    return (await fetch(`http://${address}/any/path`, sent)).status;
  };
  return { address, events, time, post };
}

function signature(timestamp: string, body: string | Buffer, secret = SECRET): string {
  const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
  return `sha256=${mac}`;
}

function signed(
  timestamp: string,
  body: string | Buffer = BODY,
  secret = SECRET,
): Readonly<Record<string, string>> {
  return {
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': signature(timestamp, body, secret),
    'x-webhook-delivery-id': 'unsigned',
    'x-webhook-event': 'unsigned',
  };
}

const AT = '2026-11-20T12:00:00Z';
const RIGHT = signature(AT, BODY);

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['one cut short', RIGHT.slice(0, -2)],
  ['one that is too long', `${RIGHT}00`],
  ['one that is not hexadecimal', `sha256=${'z'.repeat(64)}`],
  ['one in capitals', `sha256=${RIGHT.slice(7).toUpperCase()}`],
  ['one of another algorithm', `sha1=${RIGHT.slice(7)}`],
  ['two of them', `${RIGHT}, ${RIGHT}`],
  ['one by a stranger', signature(AT, BODY, 'guessed')],
  ['one of another body', signature(AT, '{}')],
])('a webhook with the signature: %s, is refused', async (_, value) => {
  const { post, events } = await receiver();
  const headers = { 'x-webhook-timestamp': AT };
  const sent = value === undefined ? headers : { ...headers, 'x-webhook-signature': value };
  expect(await post(BODY, sent)).toBe(401);
  expect(events).toEqual([]);
});

test.each([
  '2026-11-20T11:49:59Z',
  '2026-11-20T12:05:01Z',
  '2026-11-20',
  'Fri',
  '2026-11-20T12:00:00',
  '2026-11-20T12:00:00.Z',
  `${AT}.x`,
  '1795176000',
  '',
])('a webhook signed for the time `%s` is refused', async (timestamp) => {
  const { post, events } = await receiver();
  expect(await post(BODY, signed(timestamp))).toBe(401);
  expect(events).toEqual([]);
});

test.each(['2026-11-20T12:00:00.123Z', '2026-11-20T11:55:01Z', '2026-11-20T13:04:59.5+01:00'])(
  'a webhook signed for the time `%s` is taken',
  async (timestamp) => {
    const { post, events } = await receiver();
    expect(await post(BODY, signed(timestamp))).toBe(204);
    expect(events).toEqual([
      { timestamp, event: 'job.completed', jobId: 'job_1', body: JSON.parse(BODY) as unknown },
    ]);
  },
);

test('both secrets of a rotation count', async () => {
  const { post, events } = await receiver();
  expect(await post(BODY, signed(AT, BODY, 'whsec-old'))).toBe(204);
  expect(await post(BODY, signed(AT, BODY, SECRET))).toBe(204);
  expect(events).toHaveLength(2);
});

test('one delivery counts once, whatever its unsigned id says, as long as its time would be taken', async () => {
  const { post, events, time } = await receiver();
  const later = '2026-11-20T12:04:59Z';
  for (const minutes of [0, 4, 9]) {
    time.now = NOW + minutes * 60_000;
    const headers = { ...signed(later), 'x-webhook-delivery-id': `new-${minutes}` };
    expect(await post(BODY, headers)).toBe(204);
  }
  expect(events).toHaveLength(1);
});

test('the border between time and body cannot be moved', async () => {
  const { post, events } = await receiver();
  const moved = `.${BODY}`;
  const headers = { ...signed(AT, moved), 'x-webhook-timestamp': `${AT}.` };
  expect(await post(BODY, headers)).toBe(401);
  expect(events).toEqual([]);
});

test('the bytes are signed, whatever text they make', async () => {
  const { post, events } = await receiver();
  const odd = Buffer.concat([
    Buffer.from('{"id":"job_2","x":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  expect(await post(odd, signed(AT, odd))).toBe(204);
  expect(events.map(({ jobId }) => jobId)).toEqual(['job_2']);
});

test.each([
  ['{"event":"job.failed","job_id":"job_3"}', 'job_3'],
  ['{"id":"job_4","status":"completed"}', 'job_4'],
  ['{"event":"job.completed","data":{"id":"../admin"}}', undefined],
  ['{"data":null,"id":7}', undefined],
  ['[1]', undefined],
  ['no json', undefined],
])('a signed body %s names the job %s', async (body, jobId) => {
  const { post, events } = await receiver();
  expect(await post(body, signed(AT, body))).toBe(204);
  expect(events.map((event) => event.jobId)).toEqual([jobId]);
});

test('what is no delivery gets an answer and no attention', async () => {
  const { address, post, events } = await receiver();
  expect((await fetch(`http://${address}/`)).status).toBe(405);
  const large = 'x'.repeat(1_000_001);
  expect(await post(large, signed(AT, large))).toBe(413);
  expect(events).toEqual([]);
});

test('a body that is announced, or grows, beyond a megabyte is cut off', async () => {
  const { address } = await receiver();
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  const head = `POST / HTTP/1.1\r\nhost: x\r\nx-webhook-timestamp: ${AT}\r\nx-webhook-signature: ${RIGHT}\r\n`;
  socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  socket.on('error', () => undefined);
  for (let nth = 0; nth < 20; nth += 1) socket.write(chunk);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('413');
  socket.destroy();
});

test('a sender that dawdles is cut off, and others are heard meanwhile', async () => {
  const { address, post } = await receiver({ timeoutMs: 300 });
  const [host = '', port = ''] = address.split(':');
  const slow = Array.from({ length: 20 }, () => connect(Number(port), host));
  for (const socket of slow) {
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-le');
  }
  expect(await post(BODY, signed(AT))).toBe(204);
  await Promise.all(slow.map((socket) => once(socket, 'close')));
});

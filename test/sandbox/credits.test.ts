import { expect, test } from 'vitest';

import { endlessWork, failingWork, KEY, OTHER_KEY } from './doubles.ts';
import { clientOf, handClock, open, tempFolder, type Body } from './support.ts';
import { digestOf, fingerprintOf } from '../../src/sandbox/accounts/account.ts';

const MINE = fingerprintOf(digestOf(KEY));

/** A sandbox, and what the first key has left in it. */
async function metered(options: Parameters<typeof open>[0] = {}) {
  const sandbox = await open(options);
  const client = clientOf(sandbox.url);
  const balance = async (): Promise<Body> => {
    const { body } = await client.get('/sandbox/balance');
    const mine = (body['items'] as Body[]).find((item) => item['key'] === MINE);
    if (mine === undefined) throw new Error('no balance');
    return mine;
  };
  const topUp = (credits: number, expires_at?: string) =>
    client.post('/sandbox/balance', { key_fingerprint: MINE, credits, expires_at });
  return { ...sandbox, client, balance, topUp };
}

test('a start that the balance does not cover is refused, and nothing is charged', async () => {
  const { client, charges, balance } = await metered({ behaviour: { startingCredits: 15 } });
  expect((await client.started(10)).status).toBe(200);
  const refused = await client.started(10);
  expect(refused.status).toBe(402);
  expect(refused.body.error.code).toBe('insufficient_credits');
  expect(charges()).toHaveLength(1);
  expect(await balance()).toMatchObject({ balance: 5 });
  expect((await client.get(`/v1/jobs/${refused.id}`)).body.status).toBe('created');
});

test('after a top-up the same draft starts', async () => {
  const { client, topUp, balance } = await metered({ behaviour: { startingCredits: 0 } });
  const { id, status } = await client.started(10);
  expect(status).toBe(402);
  expect((await topUp(10)).body).toMatchObject({ balance: 10 });
  expect((await client.post(`/v1/jobs/${id}/start`)).status).toBe(200);
  expect(await balance()).toMatchObject({ balance: 0 });
});

test('a create that starts at once and cannot be paid leaves no job', async () => {
  const { client } = await metered({
    behaviour: { startingCredits: 1, insufficientStatus: 429 },
  });
  const { body } = await client.upload('seconds=10');
  const refused = await client.post('/v1/jobs', { video_url: body.video_url });
  expect(refused.status).toBe(429);
  expect(refused.body.error.code).toBe('insufficient_credits');
  expect((await client.get('/v1/jobs')).body).toMatchObject({ items: [] });
});

test.each(['start', 'completion'] as const)(
  'starts that arrive together never spend a credit twice, charged at %s',
  async (chargeAt) => {
    const { client, balance } = await metered({
      behaviour: { startingCredits: 25, chargeAt },
      work: endlessWork,
    });
    const ids = await Promise.all([1, 2, 3, 4].map(() => client.draft(10)));
    const answers = await Promise.all(ids.map((id) => client.post(`/v1/jobs/${id}/start`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 402, 402]);
    expect(await balance()).toMatchObject(
      chargeAt === 'start' ? { balance: 5, held: 0 } : { balance: 25, held: 20 },
    );
  },
);

test('credits that expire soonest are spent first, and expired ones not at all', async () => {
  const { clock, advance } = handClock();
  const { client, topUp, balance } = await metered({ clock });
  await topUp(10);
  await topUp(10, '2026-05-03T12:00:00Z');
  await topUp(10, '2026-05-02T12:00:00Z');
  await client.started(12);
  expect((await balance())['lots']).toEqual([
    { credits: 8, expires_at: '2026-05-03T12:00:00.000Z' },
    { credits: 10, expires_at: null },
  ]);
  advance(2 * 86_400_000);
  expect(await balance()).toMatchObject({ balance: 10 });
  expect((await client.started(11)).status).toBe(402);
});

test('a refund can be spent again', async () => {
  const { client, balance } = await metered({
    behaviour: { startingCredits: 10 },
    work: failingWork,
  });
  const { id } = await client.started(10);
  await client.ended(id);
  expect(await balance()).toMatchObject({ balance: 10, held: 0, jobs_in_flight: 0 });
  expect((await client.started(10)).status).toBe(200);
});

test('a key without a top-up has no meter, and other keys’ credits are not its own', async () => {
  const { client, url, topUp, balance } = await metered();
  expect(await balance()).toMatchObject({ balance: null, lots: [] });
  await topUp(5);
  expect((await client.started(10)).status).toBe(402);
  expect((await clientOf(url, OTHER_KEY).started(10)).status).toBe(200);
});

test('balances and open holds survive a restart', async () => {
  const dataDir = await tempFolder();
  const behaviour = { startingCredits: 30, chargeAt: 'completion' } as const;
  const first = await metered({ dataDir, behaviour });
  await first.client.ended((await first.client.started(10)).id);
  await first.topUp(7);
  await first.close();

  const second = await metered({ dataDir, behaviour, work: endlessWork });
  expect(await second.balance()).toMatchObject({ balance: 27 });
  await second.client.started(20);
  await second.close();

  const third = await metered({ dataDir, behaviour, work: endlessWork });
  expect(await third.balance()).toMatchObject({ balance: 27, held: 20, jobs_in_flight: 1 });
  expect((await third.client.started(8)).status).toBe(402);
});

test('starting credits can expire', async () => {
  const { clock } = handClock();
  const { balance } = await metered({
    clock,
    behaviour: { startingCredits: 5, creditExpiryDays: 90 },
  });
  expect((await balance())['lots']).toEqual([
    { credits: 5, expires_at: '2026-07-30T12:00:00.000Z' },
  ]);
});

test('the charges can be read over the wire as they stand in the ledger', async () => {
  const { client, charges } = await metered();
  const { id } = await client.started(10);
  const { body } = await client.get('/sandbox/charges');
  expect(body['items']).toEqual(charges());
  expect(body['items']).toMatchObject([{ job_id: id, key: MINE, credits: 10, reason: 'start' }]);
});

test.each([
  [{ minimumCharge: 5 }, {}, 5],
  [{ minimumCharge: 1 }, {}, 2],
  [{ previewBilling: 'free' }, { preview_duration: 1 }, 0],
] as const)('with %o and %o a clip of two seconds costs %d', async (behaviour, body, credits) => {
  const { client, charges } = await metered({ behaviour });
  await client.post(`/v1/jobs/${await client.draft(2)}/start`, body);
  expect(charges()).toMatchObject([{ credits }]);
});

test('the output’s length can be billed instead of the input’s', async () => {
  const { client, charges } = await metered({
    behaviour: { billedDuration: 'output', chargeAt: 'completion' },
    work: () => Promise.resolve({ ok: true, durationSeconds: 3 }),
  });
  await client.ended((await client.started(10)).id);
  expect(charges()).toMatchObject([{ credits: 3, reason: 'completion' }]);
});

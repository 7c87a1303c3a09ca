import { describe, expect, test } from 'vitest';

import { credits, toNumber } from '../../src/core/credits.ts';
import { beginRun, draftJob, start } from '../ledger/budgetJobs.ts';
import { chargeCount, createWorld, statuses, type World } from './harness.ts';

/** Clips of 2 s with `light`: 1.5 credits exactly, 45 if a started minute is billed. */
const clipsOf = (world: World, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => world.clip(`${index}.mp4`)));

const charged = (world: World): number =>
  world.sandbox.charges().reduce((sum, charge) => sum + charge.credits, 0);

/** Another program starts a job of its own meanwhile. */
function spendElsewhere(world: World): void {
  world.withLedger((ledger) => {
    beginRun(ledger, 'elsewhere', {});
    start(ledger, 'elsewhere', draftJob(ledger, 'elsewhere', 'theirs', { worstCase: 45 }));
  });
}

const RUN_100 = { caps: { run: credits(100) } };

describe('a budget that the worst case exceeds', () => {
  test.each([
    ['the jobs', { creditsOnJob: true }],
    ['the usage events alone', {}],
    ['the usage events, after completion', { chargeAt: 'completion' as const }],
  ])('is worked down while bills come in cheaper, told by %s', async (_title, behaviour) => {
    const world = await createWorld({ behaviour });
    const outcomes = await world.run(await clipsOf(world, 6), RUN_100);
    expect(statuses(outcomes)).toEqual(Array(6).fill('done'));
    expect(charged(world)).toBe(9);
    expect(world.withLedger((ledger) => toNumber(ledger.used('test').day))).toBeLessThan(100);
  });

  test('is worked down one by one when many clips wait for the same bill', async () => {
    const world = await createWorld({ behaviour: { creditsOnJob: true } });
    const one = { caps: { run: credits(60) }, concurrency: 8 };
    const outcomes = await world.run(await clipsOf(world, 8), one);
    expect(statuses(outcomes)).toEqual(Array(8).fill('done'));
  });

  test('holds when each started minute is billed: what does not fit is neither sent nor charged', async () => {
    const world = await createWorld({ behaviour: { rounding: 'minute_up' } });
    const outcomes = await world.run(await clipsOf(world, 6), RUN_100);
    expect([...statuses(outcomes)].sort()).toEqual([
      ...['done', 'done'],
      ...Array<string>(4).fill('pending budget'),
    ]);
    expect(charged(world)).toBe(90);
  });

  test('holds when the service says nothing about bills', async () => {
    const world = await createWorld({
      faults: [{ endpoint: 'events', every: 1, kind: 'status', status: 404 }],
    });
    const outcomes = await world.run(await clipsOf(world, 4), RUN_100);
    expect(statuses(outcomes).filter((status) => status === 'done')).toHaveLength(2);
    expect(chargeCount(world.sandbox)).toBe(2);
  });

  test('of a day is shared by runs at the same time', async () => {
    const world = await createWorld({ behaviour: { rounding: 'minute_up' } });
    const clips = await clipsOf(world, 8);
    const day = { caps: { day: credits(200) } };
    const runs = [world.run(clips.slice(0, 4), day), world.run(clips.slice(4), day)];
    const outcomes = (await Promise.all(runs)).flat();
    expect(statuses(outcomes).filter((status) => status === 'done')).toHaveLength(4);
    expect(charged(world)).toBe(180);
  });

  test('gets back what a failed and refunded job had reserved', async () => {
    let jobs = 0;
    const world = await createWorld({
      behaviour: { rounding: 'minute_up', refundOnFailure: true },
      work: () => Promise.resolve({ ok: false, code: 'x', reason: `failure ${(jobs += 1)}` }),
    });
    const caps = { run: credits(45) };
    const outcomes = await world.run(await clipsOf(world, 2), { caps, concurrency: 1 });
    expect(statuses(outcomes)).toEqual(['failed job_failed', 'failed job_failed']);
    expect(jobs).toBe(2);
  });

  test('is not waited for by a refused start whose room another program has taken', async () => {
    const world = await createWorld({
      faults: [{ endpoint: 'start', nth: 1, kind: 'status', status: 429 }],
    });
    const [clip] = await clipsOf(world, 1);
    if (clip === undefined) throw new Error('no clip');
    const caps = { day: credits(45) };
    const [outcome] = await world.run([clip], {
      caps,
      wrapLedger: (ledger) => ({
        ...ledger,
        append(runId, job, event) {
          const next = ledger.append(runId, job, event);
          if (event.type === 'start_refused') spendElsewhere(world);
          return next;
        },
      }),
    });
    expect(outcome === undefined ? [] : statuses([outcome])).toEqual(['pending budget']);
    expect(chargeCount(world.sandbox)).toBe(0);
  });

  test('does not stop what is paid: its output is fetched below any cap', async () => {
    const world = await createWorld();
    const [clip] = await clipsOf(world, 1);
    if (clip === undefined) throw new Error('no clip');
    const late = { verify: () => Promise.reject(new Error('out of paper')) };
    await expect(world.run([clip], late)).rejects.toThrow('out of paper');
    const outcomes = await world.run([clip], { caps: { run: credits(0), day: credits(0) } });
    expect(statuses(outcomes)).toEqual(['done']);
    expect(chargeCount(world.sandbox)).toBe(1);
  });
});

describe('the books of a batch', () => {
  test('alerts are reported when a level is reached, the highest only', async () => {
    const world = await createWorld({ behaviour: { rounding: 'minute_up' } });
    const options = { caps: { run: credits(100) }, alertAt: [50, 80, 95], concurrency: 1 };
    await world.run(await clipsOf(world, 3), options);
    const alerts = world.events.flatMap((event) =>
      event.type === 'budget_alert' ? [[event.alert.period, event.alert.percent]] : [],
    );
    expect(alerts).toEqual([['run', 80]]);
  });

  test('alerts of the wallet are raised as a run starts work, not only at its end', async () => {
    const world = await createWorld();
    const lot = { kind: 'lot', at: 0, expiresAt: undefined, pool: 'api', label: '' } as const;
    world.withLedger((ledger) =>
      ledger.addWalletEntry('test', { ...lot, credits: credits(2), backup: false }),
    );
    const [one, two] = await clipsOf(world, 2);
    if (one === undefined || two === undefined) throw new Error('no clips');
    await world.run([one], { alertAt: [50, 80] });
    await world.run([two], { alertAt: [50, 80] });
    const told = world.events.flatMap((event) => {
      if (event.type === 'clip_outcome') return [event.type];
      return event.type === 'budget_alert' ? [`${event.alert.period} ${event.alert.percent}`] : [];
    });
    expect(told).toEqual(['clip_outcome', 'wallet 50', 'clip_outcome']);
  });

  test('group what was paid by tag, with failures and what was saved', async () => {
    const world = await createWorld({
      behaviour: { creditsOnJob: true, rounding: 'second_up', refundOnFailure: false },
      faults: [{ endpoint: 'work', nth: 2, kind: 'failed_job' }],
    });
    const [one, two, three] = await clipsOf(world, 3);
    if (one === undefined || two === undefined || three === undefined) throw new Error('no clips');
    await world.run([one], { tags: { customer: 'acme' } });
    await world.run([two], { tags: { customer: 'acme' } });
    await world.run([three, one], { tags: { customer: 'b&b' } });
    await world.run([three]);
    const by = { tag: 'customer' };
    const groups = world.withLedger((ledger) => ledger.spendBy({ by, scope: 'test', sinceMs: 0 }));
    const rows = groups.map((group) => [
      ...[group.name, group.jobs, group.done, group.failed, toNumber(group.credits)],
      ...[toNumber(group.failedCredits), group.savedClips, toNumber(group.savedCredits)],
    ]);
    expect(rows).toEqual([
      ['-', 0, 0, 0, 0, 0, 1, 1.5],
      ['acme', 2, 1, 1, 3, 1.5, 0, 0],
      ['b&b', 1, 1, 0, 1.5, 0, 1, 1.5],
    ]);
    for (const group of ['model', 'day', 'run', 'profile'] as const) {
      const sums = world.withLedger((ledger) =>
        ledger.spendBy({ by: group, scope: undefined, sinceMs: 0 }),
      );
      expect(sums.reduce((sum, row) => sum + row.jobs, 0)).toBe(3);
      expect(sums.reduce((sum, row) => sum + row.savedClips, 0)).toBe(2);
    }
  });
});

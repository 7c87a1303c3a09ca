import { setMaxListeners } from 'node:events';
import { describe, expect, test } from 'vitest';

import type { Lane } from '../../src/api/fairQueue.ts';
import { createRate, type Rate } from '../../src/api/rate.ts';
import type { BatchEvent } from '../../src/core/events.ts';
import type { RateState } from '../../src/api/rateState.ts';
import { ownRecord, type SharedRecord } from '../../src/core/sharedRecord.ts';
import { createRateLimit } from '../../src/sandbox/accounts/rateLimit.ts';
import { virtualClock } from './virtualClock.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);
/** Requests that the server takes at once, after a pause, where a test does not say. */
const BURST = 10;

/** A server with a limit that can change, and clients that always want more. */
function scene(limitAt: (seconds: number) => number, rateBurst = BURST) {
  const clock = virtualClock();
  const events: BatchEvent[] = [];
  const report = (event: BatchEvent): void => void events.push(event);
  const log: { readonly at: number; readonly let: boolean; readonly lane: Lane }[] = [];
  let limit = NaN;
  let allow: ReturnType<typeof createRateLimit> = () => undefined;

  async function send(rate: Rate, lane: Lane, roundTripMs: number): Promise<void> {
    await rate.take(lane, never);
    const sentAt = clock.monotonic();
    await clock.sleep(roundTripMs / 2);
    const wanted = limitAt(clock.monotonic() / 1000);
    if (wanted !== limit) {
      limit = wanted;
      allow = createRateLimit({ ratePerSecond: Math.max(limit, 1e-9), rateBurst }, clock);
      if (limit === 0) for (let token = 0; token < rateBurst; token += 1) allow('key');
    }
    const answer = allow('key');
    log.push({ at: clock.monotonic() / 1000, let: answer?.allowed === true, lane });
    await clock.sleep(roundTripMs / 2);
    if (answer?.allowed === true) rate.accepted();
    else
      rate.refused(sentAt, limit === 0 ? undefined : Math.ceil((answer?.waitMs ?? 0) / 1e3) * 1e3);
  }

  /** Clients that send without a pause, each in a lane, until the time is over. */
  const press = async (rate: Rate, lanes: readonly Lane[], seconds: number): Promise<void> => {
    const client = async (lane: Lane): Promise<void> => {
      while (clock.monotonic() < seconds * 1000) await send(rate, lane, 100);
    };
    await Promise.all(lanes.map(client));
  };

  return {
    clock,
    events,
    createRate: (record?: SharedRecord<RateState>) =>
      createRate({ clock, random: () => 0.5, report, ...(record === undefined ? {} : { record }) }),
    press,
    /** Requests let in each second, and the share refused. */
    between: (from: number, to: number) => {
      const seen = log.filter(({ at }) => at >= from && at < to);
      const let_ = seen.filter((one) => one.let);
      const share = (lane: Lane): number =>
        let_.filter((one) => one.lane === lane).length / let_.length;
      return {
        sent: seen.length,
        perSecond: let_.length / (to - from),
        refused: 1 - let_.length / seen.length,
        share,
      };
    },
  };
}

const SIX: readonly Lane[] = ['start', 'draft', 'upload', 'poll', 'poll', 'poll'];

describe('a limit that nobody has documented', () => {
  test.each([1, 5, 20].flatMap((limit) => [1, BURST].map((burst) => [limit, burst] as const)))(
    'of %i a second that takes %i at once is found and used',
    async (limit, burst) => {
      const { clock, createRate, press, between } = scene(() => limit, burst);
      await clock.run(press(createRate(), SIX, 150));
      const { perSecond, refused } = between(60, 150);
      expect(perSecond / limit).toBeGreaterThan(0.93);
      expect(perSecond / limit).toBeLessThan(1.1);
      expect(refused).toBeLessThan(0.04);
    },
  );

  test('that drops from 20 to 2 a second is followed', async () => {
    const { clock, createRate, press, between } = scene((at) => (at < 120 ? 20 : 2));
    await clock.run(press(createRate(), SIX, 240));
    const { perSecond, refused } = between(150, 240);
    expect(perSecond / 2).toBeGreaterThan(0.5);
    expect(perSecond / 2).toBeLessThan(1.5);
    expect(refused).toBeLessThan(0.1);
  });

  test('is shared by four processes that do not know of each other', async () => {
    const { clock, createRate, press, between } = scene(() => 5);
    const four = [1, 2, 3, 4].map(() => press(createRate(), SIX, 240));
    await clock.run(Promise.all(four));
    const { perSecond, refused } = between(60, 240);
    expect(perSecond / 5).toBeGreaterThan(0.9);
    expect(refused).toBeLessThan(0.12);
  });

  test.each([1, 5])(
    'of %i a second that takes one at once is shared by four processes with one record',
    async (limit) => {
      const { clock, createRate, press, between } = scene(() => limit, 1);
      const record = ownRecord<RateState>();
      const four = [1, 2, 3, 4].map(() => press(createRate(record), SIX, 150));
      await clock.run(Promise.all(four));
      const { perSecond, refused } = between(60, 150);
      expect(perSecond / limit).toBeGreaterThan(0.93);
      expect(refused).toBeLessThan(0.04);
    },
  );

  test('that made one process wait makes the next one wait as long', async () => {
    const { clock, createRate } = scene(() => 5);
    const record = ownRecord<RateState>();
    createRate(record).refused(clock.monotonic(), 30_000);
    await clock.run(createRate(record).take('poll', new AbortController().signal));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000);
  });

  test.each([
    ['lacks what it needs', { perSecond: null }],
    ['is of a time before the machine was started', { filledAt: 1e9, heldUntil: 1e9 + 5_000 }],
  ])('a record that %s is begun anew', async (_, flaw) => {
    const { clock, createRate } = scene(() => 5);
    const record = ownRecord<RateState>();
    createRate(record).perSecond();
    record.update((state) => [{ ...state, ...flaw } as RateState, undefined]);
    await clock.run(createRate(record).take('poll', new AbortController().signal));
    expect(clock.monotonic()).toBeLessThan(1_000);
  });

  test('when everything is refused for five minutes hardly anything is sent, and then it goes on', async () => {
    const { clock, createRate, press, between } = scene((at) => (at > 60 && at < 360 ? 0 : 5));
    await clock.run(press(createRate(), SIX, 480));
    expect(between(90, 360).sent).toBeLessThan(0.25 * 270);
    expect(between(420, 480).perSecond).toBeGreaterThan(0.5 * 5);
    expect(between(360, 480).refused).toBeLessThan(0.15);
  });
});

test('no limit, no brake: the rate doubles until something is refused', async () => {
  const { clock, createRate, press, between } = scene(() => 1e6);
  await clock.run(press(createRate(), SIX, 10));
  expect(between(4, 10).perSecond).toBeGreaterThan(20);
});

test('a server that asks for an hour gets an hour, and the user is told', async () => {
  const { clock, events, createRate } = scene(() => 5);
  const rate = createRate();
  const begun = clock.monotonic();
  rate.refused(clock.monotonic(), 3_600_000);
  // A shorter word of the same moment changes nothing.
  rate.refused(clock.monotonic(), 1_000);
  await clock.run(rate.take('start', never));
  expect(clock.monotonic() - begun).toBeGreaterThanOrEqual(3_600_000);
  expect(events).toEqual([
    { type: 'hold', delayMs: 3_600_000, reason: 'the service limits how often it may be asked' },
  ]);
});

describe('when everybody wants to send', () => {
  test.each(['start', 'draft', 'upload'] as const)(
    'polls keep their fifth beside %s',
    async (lane) => {
      const { clock, createRate, press, between } = scene(() => 5);
      const greedy = Array<Lane>(12).fill(lane);
      await clock.run(press(createRate(), [...greedy, 'poll', 'poll', 'poll', 'poll'], 120));
      const polls = between(30, 120).share('poll');
      expect(polls).toBeGreaterThanOrEqual(0.19);
      expect(polls).toBeLessThanOrEqual(0.4);
    },
  );

  test('a crowd of polls does not keep starts waiting', async () => {
    const { clock, createRate, press, between } = scene(() => 5);
    const polls = Array<Lane>(60).fill('poll');
    await clock.run(press(createRate(), [...polls, ...Array<Lane>(6).fill('start')], 120));
    expect(between(30, 120).share('start')).toBeGreaterThan(0.6);
  });
});

test('an interruption ends the wait for a turn at once, for the first in line and the others', async () => {
  const { clock, createRate } = scene(() => 5);
  const rate = createRate();
  rate.refused(clock.monotonic(), 600_000);
  const controller = new AbortController();
  const waits = ['start', 'poll'].map((lane) => rate.take(lane as Lane, controller.signal));
  controller.abort(new Error('interrupted'));
  for (const wait of waits) await expect(wait).rejects.toThrow('interrupted');
  expect(clock.monotonic()).toBe(0);
});

import { describe, expect, test } from 'vitest';

import { credits, toNumber } from '../../src/core/credits.ts';
import type { WalletEntry } from '../../src/core/wallet.ts';
import { forecast } from '../../src/pricing/forecast.ts';
import { walletAt } from '../../src/pricing/wallet.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 31);

type Lot = Extract<WalletEntry, { kind: 'lot' }>;
const lot = (amount: number, changes: Partial<Lot> = {}): WalletEntry => ({
  kind: 'lot',
  at: START,
  credits: credits(amount),
  expiresAt: undefined,
  pool: 'api',
  label: '',
  backup: false,
  ...changes,
});
const spend = (day: number, amount: number) => ({
  at: START + day * DAY,
  credits: credits(amount),
});
const at = (day: number): number => START + day * DAY;

describe('the wallet', () => {
  test('spends what expires soonest first, and backup lots last', () => {
    const entries = [
      lot(100, { label: 'backup', backup: true, expiresAt: at(2) }),
      lot(100, { label: 'for ever' }),
      lot(100, { label: 'soon', expiresAt: at(30) }),
    ];
    const left = (amount: number) =>
      walletAt(entries, [spend(1, amount)], at(1)).lots.map((one) => [
        one.label,
        toNumber(one.left),
      ]);
    expect(left(60)).toEqual([
      ['soon', 40],
      ['for ever', 100],
      ['backup', 100],
    ]);
    expect(left(210)).toEqual([['backup', 90]]);
  });

  test('is used up as a share of what it held when it last grew', () => {
    const use = (entries: readonly WalletEntry[], day: number) => {
      const found = walletAt(entries, [spend(1, 90), spend(40, 30)], at(day)).use;
      return found && [toNumber(found.used), toNumber(found.cap), found.name.slice(0, 10)];
    };
    const plan = { kind: 'plan', at: START, monthly: credits(100), rollover: 0 } as const;
    const monthly: WalletEntry = { ...plan, pool: 'api', label: '' };
    const less: WalletEntry = { kind: 'balance', at: at(3), credits: credits(5), pool: 'api' };
    expect(use([], 2)).toBe(undefined);
    expect(use([lot(100)], 2)).toEqual([90, 100, '2026-01-31']);
    expect(use([lot(100), lot(40, { at: at(2) })], 2)).toEqual([0, 50, '2026-02-02']);
    expect(use([lot(100), less], 4)).toEqual([95, 100, '2026-01-31']);
    expect(use([lot(100), lot(40, { at: at(2), pool: 'web' })], 2)).toEqual([
      90,
      100,
      '2026-01-31',
    ]);
    expect(use([monthly], 41)).toEqual([30, 100, '2026-02-28']);
  });

  test('loses what expires, and tells how much', () => {
    const wallet = walletAt([lot(100, { expiresAt: at(10) })], [spend(1, 30)], at(11));
    expect([toNumber(wallet.left), toNumber(wallet.expiredUnused)]).toEqual([0, 70]);
  });

  test('draws on the pool of the API only', () => {
    const wallet = walletAt([lot(100, { pool: 'web' }), lot(10)], [spend(1, 15)], at(1));
    expect([toNumber(wallet.left), toNumber(wallet.overdrawn)]).toEqual([0, 5]);
    expect(wallet.lots.map(({ pool }) => pool)).toEqual(['web']);
  });

  test('a correction makes the books hold what the dashboard shows, in both directions', () => {
    const correct = (amount: number) =>
      walletAt(
        [lot(100), { kind: 'balance', at: at(2), credits: credits(amount), pool: 'api' }],
        [spend(1, 120), spend(3, 10)],
        at(3),
      );
    expect([toNumber(correct(50).left), toNumber(correct(50).overdrawn)]).toEqual([40, 0]);
    expect([toNumber(correct(0).left), toNumber(correct(0).overdrawn)]).toEqual([0, 10]);
  });

  test('a plan renews on its day of the month, also in short months, and carries over up to its limit', () => {
    const plan = (rollover: number): WalletEntry => ({
      kind: 'plan',
      at: START,
      monthly: credits(100),
      rollover,
      pool: 'api',
      label: 'plan',
    });
    const left = (rollover: number, day: number) =>
      toNumber(walletAt([plan(rollover)], [], at(day)).left);
    expect([left(0, 27), left(0, 28), left(5, 27), left(5, 28)]).toEqual([100, 100, 100, 200]);
    expect([left(2, 365), left(5, 365)]).toEqual([300, 600]);
  });

  test('spends what a plan gives before lots that live longer, and tells what its renewal lost', () => {
    const plan = (monthly: number, day: number): WalletEntry => {
      const terms = { monthly: credits(monthly), rollover: 0, pool: 'api', label: 'plan' } as const;
      return { kind: 'plan', at: at(day), ...terms };
    };
    const wallet = walletAt(
      [plan(100, 0), lot(50, { label: 'lot', expiresAt: at(90) })],
      [spend(1, 30), spend(29, 20)],
      at(29),
    );
    expect(wallet.lots.map(({ label, left }) => [label, toNumber(left)])).toEqual([
      ['plan', 80],
      ['lot', 50],
    ]);
    expect(toNumber(wallet.expiredUnused)).toBe(70);
    // The same plan, larger from the tenth day on, and cancelled on the fiftieth.
    const left = (day: number) =>
      toNumber(walletAt([plan(100, 0), plan(300, 10), plan(0, 50)], [], at(day)).left);
    expect([left(9), left(10), left(31), left(49), left(50), left(365)]).toEqual([
      ...[100, 300, 300, 300, 0, 0],
    ]);
  });

  test('adds exactly: ten thousand spends of a tenth leave nothing over', () => {
    const spends = Array.from({ length: 10_000 }, () => spend(1, 0.1));
    expect(walletAt([lot(1000)], spends, at(1))).toMatchObject({ left: 0, overdrawn: 0 });
  });
});

describe('the forecast', () => {
  const steady = Array.from({ length: 30 }, (_, day) => spend(day, 10));

  test('names the day on which the credits run out', () => {
    const { runsOutAt, perDay, advice } = forecast([lot(400)], steady, at(30), 30);
    expect(toNumber(perDay)).toBe(10);
    expect(runsOutAt).toBe(at(41));
    expect(advice).toContain('335 credits a month');
  });

  test('warns of what will expire unused', () => {
    const entries = [lot(400), lot(500, { label: 'soon', expiresAt: at(40) + 1 })];
    // What is spent from another pool nobody knows here.
    const web = { ...lot(50, { label: 'web', expiresAt: at(40) + 1 }), pool: 'web' };
    const { expiring } = forecast([...entries, web], steady, at(30), 30);
    expect(expiring).toMatchObject([{ label: 'soon', credits: credits(100) }]);
  });

  test('warns of what expires at the very hour of a day to come', () => {
    const entries = [lot(400, { label: 'sharp', expiresAt: at(35) })];
    const { expiring } = forecast(entries, steady, at(30), 30);
    expect(expiring).toMatchObject([{ label: 'sharp' }]);
  });

  test('advises a smaller plan when credits pile up, a larger one when they do not suffice', () => {
    const plan = (monthly: number, since: number): WalletEntry => ({
      kind: 'plan',
      at: at(since),
      monthly: credits(monthly),
      rollover: 5,
      pool: 'api',
      label: '',
    });
    expect(forecast([plan(2000, -300)], steady, at(30), 30).advice).toContain('pile up');
    expect(forecast([plan(200, -300)], steady, at(30), 30).advice).toContain('below the pace');
    expect(forecast([plan(330, 0)], steady, at(30), 30).advice).toBeUndefined();
  });

  test('foresees nothing from no spending', () => {
    const { runsOutAt, advice } = forecast([lot(10)], [], at(1), 30);
    expect([runsOutAt, advice]).toEqual([undefined, undefined]);
  });
});

import Database from 'libsql';
import { expect, test } from 'vitest';

import { OverBudget } from '../../src/core/budget.ts';
import { credits, creditsFor, type BillingRounding, type Credits } from '../../src/core/credits.ts';
import { release, reserve, settle } from '../../src/ledger/bookings.ts';
import { SCHEMA_STEPS } from '../../src/ledger/schema.ts';
import { seededRandom } from '../../src/sandbox/faults/seededRandom.ts';

const RUNS = 100_000;
const RUNS_PER_DAY = 20;
const DAY_MS = 86_400_000;
const CAPS = { run: credits(150), day: credits(1800), month: credits(45_000) };
const RATE = credits(60);

/**
 * Runs on many days against the ledger's own tables and triggers. The service rounds otherwise from
 * month to month, refuses some starts and refunds some failures; a bill comes, late or never.
 */
test('in 100,000 simulated runs no credit is spent above a cap, whatever the service charges', () => {
  const sql = new Database(':memory:');
  for (const step of SCHEMA_STEPS) sql.exec(step);
  let drawn = 0;
  const random = (): number => seededRandom(7, (drawn += 1));
  const insertRun = sql.prepare(
    `INSERT INTO run (id, profile, scope, model, settings, output_dir, client_version, estimate,
       run_cap, day_cap, month_cap, clips, started_at)
     VALUES (?, 'p', 's', 'original', '{}', '', '', 0, ?, ?, ?, 1, 0)`,
  );
  const insertJob = sql.prepare(
    `INSERT INTO job (key, scope, model, settings, source_sha256, source_name, duration_us, rate,
       estimate, worst_case, tariff_source, tariff_as_of, state, job_id, owner, created_at, updated_at)
     VALUES (?, 's', 'original', '{}', '', '', ?, ?, ?, ?, '', '', 'created', 'j', ?, 0, 0)`,
  );
  const spent = {
    run: new Map<string, number>(),
    day: new Map<number, number>(),
    month: new Map<string, number>(),
  };
  const late: { readonly key: string; readonly cost: Credits }[] = [];
  const counts = { started: 0, refused: 0, overBudget: 0, over: 0 };
  const add = <Key>(sums: Map<Key, number>, key: Key, cost: Credits, cap: Credits): void => {
    const sum = (sums.get(key) ?? 0) + cost;
    sums.set(key, sum);
    if (sum > cap) counts.over += 1;
  };

  sql.exec('BEGIN');
  for (let run = 0; run < RUNS; run += 1) {
    const id = String(run);
    const day = Math.floor(run / RUNS_PER_DAY);
    const now = day * DAY_MS;
    const month = new Date(now).toISOString().slice(0, 7);
    const rounding = (['exact', 'second', 'minute'] as const)[day % 3] as BillingRounding;
    insertRun.run(id, CAPS.run, CAPS.day, CAPS.month);
    const clips = random() < 0.9 ? 1 : 2;
    for (let clip = 0; clip < clips; clip += 1) {
      const key = `${id}-${clip}`;
      const durationUs = 1 + Math.floor(random() * 110e6);
      const worst = creditsFor(durationUs, RATE, 'minute');
      const cost = creditsFor(durationUs, RATE, rounding);
      insertJob.run(key, durationUs, RATE, creditsFor(durationUs, RATE, 'exact'), worst, id);
      try {
        reserve(sql, id, key, now);
      } catch (error) {
        if (!(error instanceof OverBudget)) throw error;
        counts.overBudget += 1;
        continue;
      }
      const luck = random();
      if (luck < 0.05) {
        release(sql, key);
        counts.refused += 1;
        continue;
      }
      counts.started += 1;
      const refunded = luck < 0.1;
      if (!refunded) {
        add(spent.run, id, cost, CAPS.run);
        add(spent.day, day, cost, CAPS.day);
        add(spent.month, month, cost, CAPS.month);
      }
      if (luck < 0.7) settle(sql, key, refunded ? credits(0) : cost);
      else if (luck < 0.9) late.push({ key, cost: refunded ? credits(0) : cost });
      if (late.length > 20) {
        for (const bill of late.splice(0)) settle(sql, bill.key, bill.cost);
      }
    }
  }
  sql.exec('COMMIT');

  expect(counts.over).toBe(0);
  // The caps did bite, and the simulation was not idle.
  expect(counts.overBudget).toBeGreaterThan(1000);
  expect(counts.started).toBeGreaterThan(RUNS / 2);
  sql.close();
});

import { join } from 'node:path';

import type { Outcome } from '../../core/outcome.ts';
import { insideOneOf } from '../../files/expandInputs.ts';
import { openRejectedList } from '../../files/rejectedList.ts';
import { createSettlingFolder } from '../../files/settling.ts';
import type { Orderer } from '../clipOrders.ts';
import type { Context, Service } from '../context.ts';
import { exitCode, exitCodeOfOutcomes } from '../exitCodes.ts';
import { createProgressLine } from '../report/progressLine.ts';
import { reportDelays, type ReportStyle } from '../report/reporter.ts';
import { adoptIntoEmpty } from '../session/serviceBooks.ts';
import type { SpendingRules } from '../spendingRules.ts';
import type { Interruption } from '../signals.ts';
import { workClips } from './batches.ts';
import { judge } from './judge.ts';
import { openWaker } from './waker.ts';

/** How a folder is watched. */
export interface WatchSettings extends ReportStyle {
  /** Absolute, like the two that follow. */
  readonly folder: string;
  readonly outputDir: string;
  readonly quarantine: string | undefined;
  readonly order: Orderer;
  readonly concurrency: number;
  readonly jobTimeoutMs: number;
  readonly waitCredits: boolean;
  readonly rules: SpendingRules;
  readonly keepZip: boolean;
  /** A file is whole when it has not changed for this long, in milliseconds. */
  readonly settleMs: number;
  /** Time between two looks at the folder, in milliseconds. */
  readonly intervalMs: number;
  /** Work what is there, then end. */
  readonly once: boolean;
}

/** A file that does not parse may be on its way still: it has this many settling times. */
const PATIENCE = 10;
/** The list of bad files, in the results folder. */
const REJECTED_LIST = 'rejected.jsonl';
/** What a person must act on: watching on would not help. */
const ENDS_THE_WATCH: ReadonlySet<string> = new Set(['auth', 'credits', 'broken_contract']);

/**
 * Works what comes into a folder, batch after batch, until it is interrupted.
 *
 * @returns the exit code
 */
export async function watchFolder(
  settings: WatchSettings,
  context: Context,
  interruption: Interruption,
): Promise<number> {
  const { folder: path, outputDir, quarantine, settleMs, once } = settings;
  const { terminal, clock } = context;
  const { signal } = interruption;
  const isExcluded = insideOneOf([outputDir, ...(quarantine === undefined ? [] : [quarantine])]);
  const folder = createSettlingFolder(path, isExcluded, settleMs, () => clock.monotonic());
  const rejected = await openRejectedList(join(outputDir, REJECTED_LIST));
  const patienceMs = once ? settleMs : settleMs * PATIENCE;
  const judging = { folder, rejected, quarantine, patienceMs };
  const idle = reportDelays(settings, terminal);
  const relay = { to: idle };
  const waker = openWaker(path, clock, signal);
  const line = createProgressLine(terminal);
  const counts = { done: 0, failed: 0, rejected: 0, pending: 0 };
  let service: Service | undefined;
  try {
    service = await context.openService((event) => relay.to(event), { idle: false });
    const ledger = await context.ledger();
    await adoptIntoEmpty(ledger, service, context, signal);
    const room = { settings, context, folder, service, ledger, interruption, relay, idle };
    for (let looks = 1; ; looks += 1) {
      const { ready, waiting, nextMs } = await folder.look();
      let last = exitCode('ok');
      if (ready.length > 0) {
        line.stop();
        const tariff = await context.tariff(service, signal);
        const { estimates, bad } = await judge(ready, tariff, judging, context, signal);
        const outcomes = await workClips(estimates, tariff, room);
        counts.rejected += bad;
        for (const { status } of outcomes) counts[status] += 1;
        const code = exitCodeOfOutcomes(outcomes);
        if (outcomes.some(endsTheWatch)) return interruption.exitCode() ?? code;
        last = bad > 0 && code === exitCode('ok') ? exitCode('someFailed') : code;
      }
      signal.throwIfAborted();
      if (once && looks > 1) return last;
      if (settings.quiet !== true) line.update(idleText(waiting));
      if (once) await clock.sleep(settleMs, signal);
      else await waker.sleep(Math.min(nextMs ?? Infinity, settings.intervalMs));
      signal.throwIfAborted();
    }
  } catch (error) {
    const code = interruption.exitCode();
    if (code === undefined) throw error;
    return code;
  } finally {
    line.stop();
    waker.close();
    await service?.close();
  }

  function idleText(waiting: number): string {
    const parts = [`watching ${terminal.safe(path)}`, `${counts.done} done`];
    if (counts.failed > 0) parts.push(`${counts.failed} failed`);
    if (counts.rejected > 0) parts.push(`${counts.rejected} rejected`);
    if (waiting > 0) parts.push(`${waiting} waiting`);
    return parts.join(' · ');
  }
}

function endsTheWatch(outcome: Outcome): boolean {
  return outcome.status === 'pending' && ENDS_THE_WATCH.has(outcome.code);
}

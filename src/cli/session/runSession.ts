import type { Plan } from '../../batch/plan.ts';
import { tellAlerts } from '../../batch/tellAlerts.ts';
import type { Tariff } from '../../core/estimate.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { createAlertDesk } from '../alertDesk.ts';
import type { Context, Service } from '../context.ts';
import { exitCode, exitCodeOfOutcomes } from '../exitCodes.ts';
import { growHeapSlowly } from '../heapGrowth.ts';
import { billText } from '../report/costText.ts';
import { createReporter, reportDelays, type Reporter } from '../report/reporter.ts';
import { summaryTable } from '../report/summaryText.ts';
import { runAlarms } from '../runAlarms.ts';
import { watchSignals } from '../signals.ts';
import type { SpendingRules } from '../spendingRules.ts';
import { openWebhookHints, type WebhookHints } from '../webhookHints.ts';
import { workPlan, type Canary } from '../workPlan.ts';
import { agreeOn, askFor } from './agreement.ts';
import { reportRun, tellEnd } from './ending.ts';
import { adoptIntoEmpty, readBills } from './serviceBooks.ts';
import type { SessionOptions, SessionView } from './sessionOptions.ts';
import { walletAtEnd } from './walletNow.ts';

/**
 * Plan, agreement, work, summary: what `run`, `resume` and `compare` have in common.
 *
 * @param lay makes the plan, once prices and ledger are there
 * @param view default: a table of clips
 */
export async function runSession(
  options: Omit<SessionOptions, 'concurrency'> & { readonly concurrency: number },
  rules: SpendingRules,
  context: Context,
  lay: (tariff: Tariff, ledger: Ledger, signal: AbortSignal) => Promise<Plan>,
  view?: SessionView,
): Promise<number> {
  growHeapSlowly();
  const { terminal, profile, clock } = context;
  if (profile.kind === 'sandbox') {
    terminal.err('local sandbox: nothing leaves this machine, no real credits are spent');
  }
  const relay = { to: reportDelays(options, terminal) };
  const interruption = watchSignals(() => {
    terminal.err('stopping: waiting only for starts on the wire; once more to leave at once');
  });
  const { signal } = interruption;
  let service: Service | undefined;
  let hints: WebhookHints | undefined;
  let reporter: Reporter | undefined;
  let working = false;
  try {
    const { dryRun: idle = false, bwlimit } = options;
    if (!idle) hints = await openWebhookHints(options, context);
    const webhookUrl = hints?.url;
    const how = { idle, bwlimit, webhookUrl };
    service = await context.openService((event) => relay.to(event), how);
    const tariff = await context.tariff(service, signal);
    const ledger = await context.ledger();
    await adoptIntoEmpty(ledger, service, context, signal);
    const plan = await lay(tariff, ledger, signal);
    signal.throwIfAborted();
    const agreed = await agreeOn(plan, options, rules, ledger, context, signal, view);
    if (agreed === 'declined' || agreed === 'dry run') {
      terminal.err(agreed === 'declined' ? 'nothing was sent' : 'dry run: nothing was sent');
      const isFlawed = agreed === 'dry run' && plan.rejected.length > 0;
      return exitCode(isFlawed ? 'someFailed' : 'ok');
    }
    const { canaries, others } = agreed;
    const { caps, alertAt, alertUrl } = rules;
    const { concurrency, order = 'longest', waitCredits = false } = options;
    reporter = createReporter(options, plan, context);
    relay.to = reporter.report;
    const begun = clock.monotonic();
    const begunAt = clock.now();
    working = true;
    const desk = createAlertDesk(alertUrl, reporter.report, context);
    const { report } = desk;
    const jobTimeoutMs = (options.timeout ?? 360) * 60_000;
    const { onHint } = hints ?? {};
    const limits = { waitCredits, concurrency, order, jobTimeoutMs, caps, alertAt, onHint };
    const work = { service, ledger, report, signal, ...limits };
    const isLiked = async (id: string, first: readonly Outcome[]): Promise<boolean> => {
      await desk.settle();
      reporter?.stop();
      if (signal.aborted) return false;
      if (options.json !== true) terminal.err(`\n${summaryTable(first, 0, terminal)}`);
      const looked = await readBills(id, plan.scope, work);
      if (looked.jobs > 0) terminal.err(billText(looked));
      if (options.yes === true) return first.every(({ status }) => status === 'done');
      if (options.report !== false) terminal.err(await reportRun(id, ledger, context, signal));
      return askFor(others, context, signal).catch((error: unknown) => {
        if (signal.aborted) return false;
        throw error;
      });
    };
    const canary: Canary = {
      items: canaries,
      async goOn(id, first) {
        const goesOn = await isLiked(id, first);
        if (goesOn) reporter?.goOn();
        return goesOn;
      },
    };
    const { runId, outcomes, untouched } = await workPlan(
      plan,
      work,
      context,
      canaries.length > 0 ? canary : undefined,
    );
    const { scope } = plan;
    const bill = await readBills(runId, scope, work);
    tellAlerts({ ledger, runId, alertAt, report, clock }, scope);
    await desk.settle();
    reporter.stop();
    const alarms = runAlarms(options, bill, begunAt, scope, ledger);
    const notices = [...alarms.lines, ...walletAtEnd(begunAt, scope, ledger, context)];
    const worked = interruption.exitCode() ?? exitCodeOfOutcomes(outcomes);
    const code = worked === exitCode('ok') && alarms.fails ? exitCode('check') : worked;
    ledger.finishRun(runId, code);
    const elapsedMs = clock.monotonic() - begun;
    const told = { runId, outcomes, bill, elapsedMs, code, untouched, alarms: notices };
    await tellEnd(told, options, ledger, context, signal, view);
    ledger.close();
    return code;
  } catch (error) {
    const code = interruption.exitCode();
    if (code === undefined || working) throw error;
    terminal.err('interrupted: nothing was sent');
    return code;
  } finally {
    reporter?.stop();
    interruption.dispose();
    await hints?.close();
    await service?.close();
  }
}

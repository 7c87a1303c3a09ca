import type { Plan } from '../../batch/plan.ts';
import type { Clock } from '../../core/clock.ts';
import { toNumber } from '../../core/credits.ts';
import type { BatchEvent, Report } from '../../core/events.ts';
import type { JobState } from '../../core/job.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Colour, Terminal } from '../terminal.ts';
import { alertText } from './alertText.ts';
import { eventJson } from './eventJson.ts';
import { openLiveBlock, type LiveBlock } from './liveBlock.ts';
import { liveFrame } from './liveFrame.ts';
import { createLiveState, type Workload } from './liveState.ts';
import { createPaceMeter } from './pace.ts';

/** Shows a person, or a program, what a batch does. */
export interface Reporter {
  readonly report: Report;
  /** Leaves the screen as it is; may be called twice. */
  stop(): void;
  /** Shows the same run again after a stop. */
  goOn(): void;
}

/** How much is shown, and to whom. */
export interface ReportStyle {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Begins to show how a plan is carried out. */
export function createReporter(
  { json, quiet, verbose = false }: ReportStyle,
  plan: Plan,
  { terminal, clock }: { readonly terminal: Terminal; readonly clock: Clock },
): Reporter {
  if (json === true) {
    terminal.out(JSON.stringify(planJson(plan)));
    return {
      report(event) {
        terminal.out(JSON.stringify(eventJson(event)));
        if (event.type === 'budget_alert') terminal.err(alertText(event.alert));
      },
      ...still,
    };
  }
  if (quiet === true) {
    return {
      report(event) {
        if (event.type === 'budget_alert') terminal.err(alertText(event.alert));
        if (event.type !== 'clip_outcome' || event.outcome.status === 'done') return;
        const { relativePath, status, reason } = event.outcome;
        terminal.err(`${status}: ${terminal.safe(relativePath)}: ${terminal.safe(reason)}`);
      },
      ...still,
    };
  }
  const report = (event: BatchEvent): void => {
    const line = lineOf(event, verbose, terminal);
    if (line !== undefined) terminal.err(line);
  };
  return terminal.animated ? live(report, workloadOf(plan), terminal, clock) : { report, ...still };
}

/** Nothing is changed in place. */
const still = { stop: () => undefined, goOn: () => undefined } as const;

/** The same lines above a block that shows the clips at work. */
function live(report: Report, work: Workload, terminal: Terminal, clock: Clock): Reporter {
  const state = createLiveState(work, () => clock.monotonic());
  const pace = createPaceMeter();
  const safe = (name: string): string => terminal.safe(name);
  const open = (): LiveBlock => {
    const opened = openLiveBlock(
      process.stderr,
      (size) => {
        const now = state.state();
        return liveFrame(now, pace.measure(now, clock.monotonic()), safe, size);
      },
      clock,
    );
    terminal.handOver((text) => opened.print(text));
    return opened;
  };
  let block = open();
  return {
    report(event) {
      state.report(event);
      report(event);
    },
    stop() {
      terminal.handOver(undefined);
      block.stop();
    },
    goOn: () => void (block = open()),
  };
}

/** Tells why it takes so long, before there is a plan to show. */
export function reportDelays({ quiet }: ReportStyle, terminal: Terminal): Report {
  return (event) => {
    const line = lineOf(event, true, terminal);
    if (line !== undefined && quiet !== true) terminal.err(line);
  };
}

function workloadOf({ items, rejected, cost }: Plan): Workload {
  const clips = items.map(
    ({ clip, credits }) =>
      [clip.relativePath, { seconds: clip.media.durationUs / 1e6, credits }] as const,
  );
  return {
    total: items.length + rejected.length,
    cost,
    seconds: clips.reduce((sum, [, { seconds }]) => sum + seconds, 0),
    clips: new Map(clips),
  };
}

/** The first line of `run --json`. */
function planJson(plan: Plan): object {
  return {
    type: 'plan',
    version: 1,
    clips: plan.items.length,
    rejected: plan.rejected.length,
    credits: toNumber(plan.cost),
    worst_case_credits: toNumber(plan.worstCase),
    worst_case_rounding: plan.rounding.rounding,
  };
}

const STEPS: Readonly<Partial<Record<JobState, string>>> = {
  uploaded: 'uploaded',
  created: 'draft created',
  started: 'started',
  processed: 'processed',
  verified: 'downloaded and checked',
};

/** What a person is told for good about an event; most pass without a word. */
function lineOf(event: BatchEvent, verbose: boolean, terminal: Terminal): string | undefined {
  switch (event.type) {
    case 'clip_state': {
      const step = STEPS[event.state];
      if (!verbose || step === undefined) return undefined;
      return `  ${terminal.safe(event.relativePath)}: ${step}`;
    }
    case 'retry': {
      if (!verbose) return undefined;
      const seconds = (event.delayMs / 1000).toFixed(1);
      return `  ${event.what} again in ${seconds} s: ${terminal.safe(event.reason)}`;
    }
    case 'budget_alert':
      return alertText(event.alert);
    case 'hold': {
      const seconds = Math.ceil(event.delayMs / 1000);
      return `waiting   ${terminal.safe(event.reason)}; goes on in ${seconds} s`;
    }
    case 'clip_outcome':
      return outcomeLine(event.outcome, terminal);
    case 'clip_progress':
      return undefined;
  }
}

const COLOURS: Readonly<Record<Outcome['status'], Colour>> = {
  done: 'green',
  failed: 'red',
  rejected: 'red',
  pending: 'yellow',
};

function outcomeLine(outcome: Outcome, terminal: Terminal): string {
  const status = terminal.paint(outcome.status.padEnd(9), COLOURS[outcome.status]);
  const name = terminal.safe(outcome.relativePath);
  if (outcome.status !== 'done') return `${status} ${name}: ${terminal.safe(outcome.reason)}`;
  return `${status} ${name}${outcome.reused ? ' (was there already)' : ''}`;
}

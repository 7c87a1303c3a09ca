import type { BatchEvent, Report } from '../../core/events.ts';
import type { JobState } from '../../core/job.ts';
import type { Terminal } from '../terminal.ts';
import { createProgressLine } from './progressLine.ts';
import { outcomeJson } from './summaryText.ts';

/** Shows a person, or a program, what a batch does. */
export interface Reporter {
  readonly report: Report;
  /** A line that does not belong to one clip. */
  message(text: string): void;
  stop(): void;
}

const PHASES: Readonly<Partial<Record<JobState, string>>> = {
  uploaded: 'uploaded',
  created: 'draft created',
  started: 'started',
  processed: 'processed',
  verified: 'downloaded and checked',
};

/** Text for people: a changing line on a terminal, one line for each end of a clip. */
export function createTextReporter(
  total: number,
  { verbose }: { readonly verbose: boolean },
  terminal: Terminal,
): Reporter {
  const line = createProgressLine(terminal);
  const phases = new Map<string, string>();
  let ended = 0;
  const refresh = (): void => {
    const active = [...phases].map(([name, phase]) => `${terminal.safe(name)} ${phase}`);
    line.update([`${ended}/${total} done`, ...active].join(' · '));
  };
  refresh();
  const report = (event: BatchEvent): void => {
    switch (event.type) {
      case 'clip_state': {
        const phase = PHASES[event.state];
        if (phase === undefined) break;
        phases.set(event.relativePath, phase);
        if (verbose) line.print(`  ${terminal.safe(event.relativePath)}: ${phase}`);
        break;
      }
      case 'clip_progress':
        phases.set(event.relativePath, `${event.phase} ${Math.floor(event.fraction * 100)} %`);
        break;
      case 'retry':
        if (verbose) {
          const seconds = (event.delayMs / 1000).toFixed(1);
          line.print(`  ${event.what} again in ${seconds} s: ${terminal.safe(event.reason)}`);
        }
        break;
      case 'hold': {
        const seconds = Math.ceil(event.delayMs / 1000);
        line.print(`waiting   ${event.reason}; goes on in ${seconds} s`);
        break;
      }
      case 'clip_outcome': {
        const { outcome } = event;
        ended += 1;
        phases.delete(outcome.relativePath);
        const name = terminal.safe(outcome.relativePath);
        switch (outcome.status) {
          case 'done':
            line.print(`done      ${name}${outcome.reused ? ' (was there already)' : ''}`);
            break;
          case 'failed':
            line.print(`failed    ${name}: ${terminal.safe(outcome.reason)}`);
            break;
          case 'rejected':
            line.print(`rejected  ${name}: ${terminal.safe(outcome.reason)}`);
            break;
          case 'pending':
            line.print(`pending   ${name}: ${terminal.safe(outcome.reason)}`);
            break;
        }
        break;
      }
    }
    refresh();
  };
  return {
    report,
    message: (text) => {
      line.print(text);
    },
    stop: () => {
      line.stop();
    },
  };
}

/** One JSON object a line on stdout, snake_case, for programs. */
export function createJsonReporter(terminal: Terminal): Reporter {
  return {
    report: (event) => {
      terminal.out(JSON.stringify(eventJson(event)));
    },
    message: (text) => {
      terminal.err(text);
    },
    stop: () => undefined,
  };
}

/** Nothing but failures. */
export function createQuietReporter(terminal: Terminal): Reporter {
  return {
    report(event) {
      if (event.type !== 'clip_outcome' || event.outcome.status === 'done') return;
      const { relativePath, status, reason } = event.outcome;
      terminal.err(`${status}: ${terminal.safe(relativePath)}: ${terminal.safe(reason)}`);
    },
    message: (text) => {
      terminal.err(text);
    },
    stop: () => undefined,
  };
}

/** Members in the spelling of all of rbgv's JSON; what is not known is `null`, never left out. */
function eventJson(event: BatchEvent): unknown {
  switch (event.type) {
    case 'clip_state':
      return { type: event.type, relative_path: event.relativePath, state: event.state };
    case 'clip_progress':
      return {
        type: event.type,
        relative_path: event.relativePath,
        phase: event.phase,
        fraction: event.fraction,
      };
    case 'retry':
      return {
        type: event.type,
        what: event.what,
        delay_ms: Math.round(event.delayMs),
        reason: event.reason,
        request_id: event.requestId ?? null,
      };
    case 'hold':
      return { type: event.type, delay_ms: Math.round(event.delayMs), reason: event.reason };
    case 'clip_outcome':
      return { type: event.type, outcome: outcomeJson(event.outcome) };
  }
}

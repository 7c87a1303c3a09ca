import type { BatchEvent } from '../../core/events.ts';

/** What a line of `run --json` is about, and its members besides `type`. */
interface LineInfo {
  readonly what: string;
  readonly members: readonly string[];
}

/** Every kind of line; the compiler asks for a row when an event is added. */
export const JSON_LINES: Readonly<
  Record<BatchEvent['type'] | 'plan' | 'comparison' | 'summary', LineInfo>
> = {
  plan: {
    what: 'the first line of a run',
    members: [
      'version',
      'clips',
      'rejected',
      'credits',
      'worst_case_credits',
      'worst_case_rounding',
    ],
  },
  clip_state: { what: 'a step is done, and on disk', members: ['relative_path', 'state'] },
  clip_progress: {
    what: 'upload, processing or download; fraction is 0 to 1',
    members: ['relative_path', 'phase', 'fraction', 'total_bytes'],
  },
  retry: {
    what: 'a free call is sent again',
    members: ['what', 'delay_ms', 'reason', 'request_id'],
  },
  hold: { what: 'all calls wait', members: ['delay_ms', 'reason'] },
  budget_alert: {
    what: 'a level of a budget or of the wallet was reached',
    members: ['period', 'name', 'percent', 'used_credits', 'max_credits'],
  },
  clip_outcome: { what: 'the end of a clip, as in the summary', members: ['outcome'] },
  comparison: {
    what: 'of rbgv compare: each clip by its models, shares from 0 to 1',
    members: ['version', 'clips'],
  },
  summary: {
    what: 'the last line of a run',
    members: ['version', 'run', 'exit_code', 'elapsed_ms', 'credits', 'billed', 'clips'],
  },
};

/** The table for help. */
export function jsonLinesText(): string {
  return Object.entries(JSON_LINES)
    .map(([type, { what, members }]) => `  ${type.padEnd(14)} ${what}\n${wrapped(members)}`)
    .join('\n');
}

function wrapped(members: readonly string[]): string {
  const indent = ' '.repeat(19);
  const lines = members.reduce<readonly string[]>((done, member) => {
    const last = done.at(-1);
    if (last === undefined) return [member];
    const longer = `${last}, ${member}`;
    return longer.length > 58 ? [...done, member] : [...done.slice(0, -1), longer];
  }, []);
  return lines.map((line) => `${indent}${line}`).join('\n');
}

import type { BatchEvent } from '../../core/events.ts';
import { alertJson } from './alertText.ts';
import { outcomeJson } from './summaryText.ts';

/** Members in the spelling of all of rbgv's JSON; what is not known is `null`, never left out. */
export function eventJson(event: BatchEvent): object {
  switch (event.type) {
    case 'clip_state':
      return { type: event.type, relative_path: event.relativePath, state: event.state };
    case 'clip_progress':
      return {
        type: event.type,
        relative_path: event.relativePath,
        phase: event.phase,
        fraction: event.fraction,
        total_bytes: event.totalBytes ?? null,
      };
    case 'retry':
      return {
        type: event.type,
        what: event.what,
        delay_ms: Math.round(event.delayMs),
        reason: event.reason,
        request_id: event.requestId ?? null,
      };
    case 'budget_alert':
      return alertJson(event.alert);
    case 'hold':
      return { type: event.type, delay_ms: Math.round(event.delayMs), reason: event.reason };
    case 'clip_outcome':
      return { type: event.type, outcome: outcomeJson(event.outcome) };
  }
}

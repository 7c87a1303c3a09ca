import { credits, type Credits } from '../core/credits.ts';
import type { JobView } from '../core/jobView.ts';
import type { JobAccepted, JobAnswer } from './wire.ts';

const SAFE_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** A job id fit for a URL or a path; `undefined` for anything else a server may send. */
export function safeJobId(answer: { id?: unknown; job_id?: unknown }): string | undefined {
  const id = answer.id ?? answer.job_id;
  return typeof id === 'string' && SAFE_ID.test(id) ? id : undefined;
}

/** @param id already checked by `safeJobId` */
export function viewOfAccepted(id: string, answer: JobAccepted): JobView {
  return {
    id,
    status: answer.status ?? undefined,
    progress: undefined,
    outputUrl: undefined,
    error: undefined,
    billingStatus: undefined,
    creditsUsed: undefined,
    createdAt: undefined,
    metadata: {},
    sawStartedEvent: false,
  };
}

/** @param id already checked by `safeJobId` */
export function viewOfJob(id: string, answer: JobAnswer): JobView {
  return {
    id,
    status: typeof answer.status === 'string' ? answer.status : undefined,
    progress: answer.progress ?? undefined,
    outputUrl: answer.output_url ?? undefined,
    error: errorText(answer.error),
    billingStatus: billingWord(answer.billing_status),
    creditsUsed: creditsIn(answer),
    createdAt: timeIn(answer),
    metadata: textsOf(answer.metadata),
    sawStartedEvent: JSON.stringify(answer.webhook_events ?? null).includes('job.started'),
  };
}

/** A failed job carries a plain string; some answers wrap it like an HTTP error. */
function errorText(error: unknown): string | undefined {
  if (error === null || error === undefined || error === '') return undefined;
  if (typeof error === 'string') return error;
  if (typeof error === 'object' && 'message' in error && typeof error.message === 'string') {
    return error.message;
  }
  return JSON.stringify(error);
}

/** Anything but an absent value counts as a trace of billing, whatever its type. */
function billingWord(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textsOf(metadata: unknown): Readonly<Record<string, string>> {
  if (typeof metadata !== 'object' || metadata === null) return {};
  const texts = Object.entries(metadata).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts);
}

/** Names under which an amount of credits may stand; the first that holds a number counts. */
const AMOUNT_NAMES = ['credits_used', 'credits_charged', 'credits'] as const;

/** The credits that an answer names; `undefined` when it names none. */
export function creditsIn(answer: Readonly<Record<string, unknown>>): Credits | undefined {
  for (const name of AMOUNT_NAMES) {
    const value = answer[name];
    if (typeof value === 'number' && Number.isFinite(value)) return credits(value);
  }
  return undefined;
}

/** `created_at` or `at`, in milliseconds since the epoch. */
export function timeIn(answer: Readonly<Record<string, unknown>>): number | undefined {
  const text = answer['created_at'] ?? answer['at'];
  const time = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

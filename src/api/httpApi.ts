import type { IncomingHttpHeaders } from 'node:http';

import type { ZodType } from 'zod';

import { parseRetryAfter } from '../core/backoff.ts';
import { keyFingerprint } from '../core/jobKey.ts';
import type { JobView } from '../core/jobView.ts';
import type { Api } from './api.ts';
import { ApiError } from './apiError.ts';
import { exchangeText, type ExchangeAnswer, type ExchangeRequest } from './exchange.ts';
import { requestIdOf } from './exchangeRecord.ts';
import { safeJobId, viewOfAccepted, viewOfJob } from './jobViewFromWire.ts';
import { multipartFile } from './multipart.ts';
import { openOutput } from './openOutput.ts';
import { draftBody, startBody } from './settingsToWire.ts';
import { usageEventsFrom, usageTotalsFrom } from './usageFromWire.ts';
import {
  downloadAnswer,
  errorAnswer,
  jobAccepted,
  jobAnswer,
  jobListAnswer,
  pricingAnswer,
  uploadAnswer,
} from './wire.ts';
import { z } from 'zod';

export interface HttpApiOptions {
  /** Scheme, host and port; a trailing slash is tolerated. */
  readonly baseUrl: string;
  /** Goes to `/v1` of `baseUrl` and nowhere else. */
  readonly apiKey: string;
  /** Names the client and its version (vendor page: credits, versions pinned). */
  readonly userAgent: string;
  /** Milliseconds in which a transfer must move at least a byte; default a minute. */
  readonly idleTimeoutMs?: number;
  /** Where the service tells of the jobs that are made here; default: nowhere. */
  readonly webhookUrl?: string;
}

const JSON_TIMEOUT_MS = 30_000;
/** The paid call waits longer: each unclear answer costs minutes of caution. */
const START_TIMEOUT_MS = 60_000;
const UPLOAD_ANSWER_TIMEOUT_MS = 120_000;

/** The service over HTTP. One method, one exchange. */
export function createHttpApi(options: HttpApiOptions): Api {
  const { baseUrl, apiKey, userAgent, idleTimeoutMs, webhookUrl } = options;
  const patience = idleTimeoutMs === undefined ? {} : { idleTimeoutMs };
  const origin = baseUrl.replace(/\/+$/, '');
  const fingerprint = keyFingerprint(apiKey);

  async function ask(
    path: string,
    request: Partial<ExchangeRequest>,
    signal: AbortSignal,
  ): Promise<ExchangeAnswer & { readonly text: string }> {
    return exchangeText(
      {
        method: 'GET',
        url: `${origin}${path}`,
        responseTimeoutMs: JSON_TIMEOUT_MS,
        ...patience,
        ...request,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(path.startsWith('/v1/') ? { 'x-api-key': apiKey } : {}),
          ...request.headers,
        },
      },
      signal,
    );
  }

  async function call<T>(
    schema: ZodType<T>,
    path: string,
    request: Partial<ExchangeRequest>,
    signal: AbortSignal,
  ): Promise<T> {
    return readAnswer(schema, await ask(path, request, signal));
  }

  const postJson = (body: unknown): Partial<ExchangeRequest> => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  return {
    keyFingerprint: fingerprint,
    requestsPerSecond: () => Infinity,

    async upload(source, signal) {
      const { headers, body, sha256 } = multipartFile(source);
      const request = {
        method: 'POST' as const,
        headers,
        body,
        responseTimeoutMs: UPLOAD_ANSWER_TIMEOUT_MS,
      };
      try {
        const answer = await call(uploadAnswer, '/v1/uploads', request, signal);
        const sizeBytes = answer.size ?? undefined;
        return { videoUrl: answer.video_url, sentSha256: sha256(), sizeBytes };
      } finally {
        // Lets go of the file when it was not read to its end.
        void body.return(undefined);
      }
    },

    async createDraft(videoUrl, settings, metadata, signal) {
      const body = draftBody(videoUrl, settings, metadata, webhookUrl);
      const answer = await call(jobAccepted, '/v1/jobs', postJson(body), signal);
      return viewOfAccepted(requireId(answer), answer);
    },

    turnToStart: () => Promise.resolve(() => undefined),

    // Never retried here or above: what happens after an unclear answer is batch/start's affair.
    async startJob(jobId, settings, signal) {
      const request = {
        ...postJson(startBody(settings)),
        freshConnection: true,
        responseTimeoutMs: START_TIMEOUT_MS,
      };
      const answer = await ask(`/v1/jobs/${jobId}/start`, request, signal);
      const accepted = readAnswer(jobAccepted, answer);
      requireId({ id: jobId, ...accepted });
      return { status: accepted.status ?? undefined, requestId: requestIdOf(answer) };
    },

    async getJob(jobId, signal): Promise<JobView> {
      const answer = await call(jobAnswer, `/v1/jobs/${jobId}`, {}, signal);
      return viewOfJob(requireId({ id: jobId, ...answer }), answer);
    },

    async listJobs({ limit, offset, status }, signal) {
      const filter = status === undefined ? '' : `&status=${encodeURIComponent(status)}`;
      const path = `/v1/jobs?limit=${limit}&offset=${offset}${filter}`;
      const answers = await call(jobListAnswer, path, {}, signal);
      return answers.flatMap((answer) => {
        const id = safeJobId(answer);
        return id === undefined ? [] : [viewOfJob(id, answer)];
      });
    },

    async downloadUrl(jobId, signal) {
      const answer = await call(downloadAnswer, `/api/download/${jobId}`, {}, signal);
      return answer.download_url ?? answer.output_url ?? undefined;
    },

    openOutput: (request, signal) =>
      openOutput(request, { allowLoopback: isLoopback(origin), userAgent, ...patience }, signal),

    async pricing(signal) {
      const answer = await call(pricingAnswer, '/api/pricing', {}, signal);
      return answer.model_pricing_credits_per_minute;
    },

    async usageSummary(days, signal) {
      const raw = await call(z.unknown(), `/v1/usage/summary?days=${days}`, {}, signal);
      return { raw, totals: usageTotalsFrom(raw) };
    },

    async usageEvents(limit, signal) {
      const raw = await call(z.unknown(), `/v1/usage/events?limit=${limit}`, {}, signal);
      return { raw, events: usageEventsFrom(raw) };
    },

    async health(signal) {
      await call(z.unknown(), '/health', {}, signal);
    },
  };
}

function requireId(answer: { id?: unknown; job_id?: unknown }): string {
  const id = safeJobId(answer);
  if (id === undefined) {
    throw new ApiError('bad_answer', 'the answer carries no usable job id', {
      outcome: 'ambiguous',
    });
  }
  return id;
}

/** Whether a URL names this machine: the only place where plain `http:` is accepted. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function readAnswer<T>(
  schema: ZodType<T>,
  answer: { status: number; headers: IncomingHttpHeaders; text: string },
): T {
  const { status, headers, text } = answer;
  const json = parseJson(text);
  if (status >= 200 && status < 300) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new ApiError('bad_answer', `the answer is not what the service documents (${status})`, {
      outcome: 'ambiguous',
      status,
    });
  }
  if (status >= 300 && status < 400) {
    const message = `the service redirects to another address (${status}), which is not followed`;
    throw new ApiError('unexpected_redirect', message, { outcome: 'ambiguous', status });
  }
  const envelope = errorAnswer.safeParse(json);
  const error = envelope.success ? envelope.data.error : undefined;
  // Proxies answer in HTML: then nobody knows whether the service ever saw the request.
  const understood = error !== undefined && status < 500 && status !== 408 && status !== 499;
  throw new ApiError(error?.code ?? `http_${status}`, error?.message ?? `HTTP ${status}`, {
    outcome: understood ? 'definite' : 'ambiguous',
    status,
    requestId: error?.request_id ?? undefined,
    retryAfterMs: parseRetryAfter(headers['retry-after'], headers.date),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

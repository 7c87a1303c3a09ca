import { exchangeText, type ExchangeAnswer } from './exchange.ts';
import { safeJobId } from './jobViewFromWire.ts';
import { multipartFile } from './multipart.ts';

/** A question that the vendor's pages leave open, put to a service. */
export interface Probe {
  readonly id: string;
  readonly question: string;
  /** How many one-second jobs it may be charged for at most. */
  readonly paidJobs: number;
  /** Rejects when the service cannot be asked. */
  run(subject: ProbeSubject): Promise<string>;
}

/** The service that is asked, and a clip of one second to ask with. */
export interface ProbeSubject {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly userAgent: string;
  readonly clipPath: string;
  readonly clipBytes: number;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
}

const TIMEOUT_MS = 60_000;
const SETTLE_MS = 60_000;
const POLL_MS = 2_000;
const LONGEST_JOB_MS = 600_000;

type Answer = ExchangeAnswer & { readonly json: Readonly<Record<string, unknown>> };

async function ask(
  subject: ProbeSubject,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await exchangeText(
    {
      method,
      url: `${subject.baseUrl}${path}`,
      headers: {
        'user-agent': subject.userAgent,
        'x-api-key': subject.apiKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      responseTimeoutMs: TIMEOUT_MS,
    },
    subject.signal,
  );
  let json: Answer['json'] = {};
  try {
    const parsed: unknown = JSON.parse(answer.text);
    if (typeof parsed === 'object' && parsed !== null) json = parsed as Answer['json'];
  } catch {
    // What is no JSON has no members to look at; the status still tells something.
  }
  return { ...answer, json };
}

async function upload(subject: ProbeSubject): Promise<string> {
  const { headers, body } = multipartFile({
    path: subject.clipPath,
    fileName: 'rbgv-probe.mp4',
    sizeBytes: subject.clipBytes,
    onProgress: () => undefined,
  });
  const { text } = await exchangeText(
    {
      method: 'POST',
      url: `${subject.baseUrl}/v1/uploads`,
      headers: { 'user-agent': subject.userAgent, 'x-api-key': subject.apiKey, ...headers },
      body,
      responseTimeoutMs: TIMEOUT_MS,
    },
    subject.signal,
  );
  return String((JSON.parse(text) as Record<string, unknown>)['video_url']);
}

async function draft(
  subject: ProbeSubject,
  headers: Readonly<Record<string, string>> = {},
  videoUrl?: string,
): Promise<string> {
  const body = {
    video_url: videoUrl ?? (await upload(subject)),
    model: 'light',
    output_format: 'webm',
    bg_type: 'transparent',
    auto_start: false,
    metadata: { rbgv_probe: '1' },
  };
  const answer = await ask(subject, 'POST', '/v1/jobs', body, headers);
  const id = safeJobId(answer.json);
  if (id === undefined) throw new Error(`no draft was created (HTTP ${answer.status})`);
  return id;
}

async function creditsUsed(subject: ProbeSubject): Promise<unknown> {
  return (await ask(subject, 'GET', '/v1/usage/summary?days=1')).json['credits_used'];
}

async function untilEnd(subject: ProbeSubject, id: string): Promise<Answer['json']> {
  for (let waited = 0; waited < LONGEST_JOB_MS; waited += POLL_MS) {
    const { json } = await ask(subject, 'GET', `/v1/jobs/${id}`);
    if (json['status'] === 'completed' || json['status'] === 'failed') return json;
    await subject.sleep(POLL_MS);
  }
  throw new Error(`job ${id} did not end`);
}

const say = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** The probes, in the order in which they make sense; the free ones first. */
export const PROBES: readonly Probe[] = [
  {
    id: 'P1',
    question: 'are drafts free?',
    paidJobs: 0,
    async run(subject) {
      const before = await creditsUsed(subject);
      await draft(subject);
      await subject.sleep(SETTLE_MS);
      return `credits used before ${say(before)}, a minute after a draft ${say(await creditsUsed(subject))}`;
    },
  },
  {
    id: 'P2',
    question: 'what does a draft look like, alone and in the list?',
    paidJobs: 0,
    async run(subject) {
      const id = await draft(subject);
      const { json } = await ask(subject, 'GET', `/v1/jobs/${id}`);
      const list = await ask(subject, 'GET', '/v1/jobs?limit=100&offset=0');
      const entries = Array.isArray(list.json)
        ? (list.json as unknown[])
        : (Object.values(list.json).find((value) => Array.isArray(value)) as unknown[] | undefined);
      const first = JSON.stringify(entries?.[0] ?? null);
      return [
        `draft word ${say(json['status'])}`,
        `metadata ${json['metadata'] === undefined ? 'dropped' : 'echoed'}`,
        `video_url ${json['video_url'] === undefined ? 'not shown' : 'shown'}`,
        `list members ${Object.keys(list.json).join(', ')}`,
        `${entries?.length ?? 0} entries, ${first.includes(id) ? 'newest first' : 'newest not first'}`,
      ].join('; ');
    },
  },
  {
    id: 'P5',
    question: 'which headers speak of limits?',
    paidJobs: 0,
    async run(subject) {
      const { headers } = await ask(subject, 'GET', '/v1/jobs?limit=1');
      const telling = Object.entries(headers).filter(([name]) =>
        /rate|retry|limit|^date$|request-id/i.test(name),
      );
      return telling.map(([name, value]) => `${name}: ${String(value)}`).join('; ') || 'none';
    },
  },
  {
    id: 'P7',
    question: 'does an Idempotency-Key header join two creates?',
    paidJobs: 0,
    async run(subject) {
      const videoUrl = await upload(subject);
      const header = { 'idempotency-key': `rbgv-probe-${videoUrl.slice(-24)}` };
      const one = await draft(subject, header, videoUrl);
      const two = await draft(subject, header, videoUrl);
      return one === two ? 'yes: the same job came back' : 'no: two drafts were made';
    },
  },
  {
    id: 'P3',
    question: 'is a start guarded against a second one at the same time?',
    paidJobs: 2,
    async run(subject) {
      const id = await draft(subject);
      const before = await creditsUsed(subject);
      const path = `/v1/jobs/${id}/start`;
      const starts = await Promise.all([
        ask(subject, 'POST', path, {}),
        ask(subject, 'POST', path, {}),
      ]);
      const job = await untilEnd(subject, id);
      const after = await creditsUsed(subject);
      return `answers ${starts.map(({ status }) => status).join(' and ')}; job ${say(job['status'])}; credits used ${say(before)} before, ${say(after)} after`;
    },
  },
  {
    id: 'P4, P6',
    question: 'can a finished job be started again, and how can its output be read?',
    paidJobs: 2,
    async run(subject) {
      const id = await draft(subject);
      await ask(subject, 'POST', `/v1/jobs/${id}/start`, {});
      const job = await untilEnd(subject, id);
      const before = await creditsUsed(subject);
      const again = await ask(subject, 'POST', `/v1/jobs/${id}/start`, {});
      await subject.sleep(POLL_MS);
      const after = await creditsUsed(subject);
      const { host } = new URL(String(job['output_url']));
      const { headers, status } = await exchangeText(
        {
          method: 'GET',
          url: String(job['output_url']),
          headers: { range: 'bytes=0-3', 'user-agent': subject.userAgent },
          responseTimeoutMs: TIMEOUT_MS,
        },
        subject.signal,
      );
      return `second start ${again.status}, credits used ${say(before)} before, ${say(after)} after; output on ${host}, range answered ${status}, etag ${headers.etag ?? 'none'}, accept-ranges ${headers['accept-ranges'] ?? 'none'}`;
    },
  },
];

import type { Caps } from '../../src/core/budget.ts';
import { credits } from '../../src/core/credits.ts';
import type { Job, JobEvent } from '../../src/core/job.ts';
import type { JobSettings } from '../../src/core/settings.ts';
import { jobKey } from '../../src/core/jobKey.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';

const SETTINGS: JobSettings = {
  model: 'original',
  format: 'webm',
  background: { type: 'transparent' },
  prompt: undefined,
};

/** A run without clips. */
export function beginRun(ledger: Ledger, runId: string, caps: Caps): void {
  ledger.startRun({
    id: runId,
    profile: 'test',
    scope: 'test',
    settings: SETTINGS,
    outputDir: '/results',
    clientVersion: '0',
    estimate: credits(0),
    caps,
    clips: [],
  });
}

/** A piece of work that has come to a draft; one that is there already gets its new price. */
export function draftJob(
  ledger: Ledger,
  runId: string,
  content: string,
  price: { readonly worstCase: number },
): Job {
  const key = jobKey('test', content, SETTINGS);
  ledger.ensureJob({
    key,
    scope: 'test',
    settings: SETTINGS,
    sourceSha256: content,
    generation: 1,
    consent: undefined,
    sourceName: `${content}.mp4`,
    durationUs: 2_500_000,
    rate: credits(60),
    estimate: credits(2.5),
    worstCase: credits(price.worstCase),
    tariff: { source: 'built-in', asOf: '2026-11-20T00:00:00.000Z' },
  });
  ledger.claim(key, runId);
  const job = ledger.job(key);
  if (job?.state !== 'planned') return job as Job;
  const events: readonly JobEvent[] = [
    { type: 'uploaded', videoUrl: 'https://cdn.example/a.mp4' },
    { type: 'created', jobId: `job_${content}`, keyFingerprint: 'f00' },
  ];
  return events.reduce<Job>((state, event) => ledger.append(runId, state, event), job);
}

export function intend(ledger: Ledger, runId: string, job: Job): Job {
  return ledger.append(runId, job, { type: 'start_intended', session: runId });
}

export function refuse(ledger: Ledger, runId: string, job: Job): Job {
  return ledger.append(runId, job, { type: 'start_refused', reason: 'no' });
}

export function start(ledger: Ledger, runId: string, job: Job): Job {
  const intended = intend(ledger, runId, job);
  return ledger.append(runId, intended, { type: 'started', evidence: 'answered' });
}

import type { Credits } from './credits.ts';
import type { Steadiness } from './steadiness.ts';

/**
 * The life of one paid piece of work. `advance` (batch) decides the next event, the ledger makes
 * it durable, `fold` turns it into the next state. Costs money: the step out of `starting`.
 *
 * planned → uploaded → created → starting → started → processed → verified → done
 *                         ↑ refused ┘ └→ unclear → started, or starting again
 */
export type Job =
  | (JobIdentity & { readonly state: 'planned' })
  | (JobIdentity & { readonly state: 'uploaded'; readonly videoUrl: string })
  | (JobOnServer & { readonly state: 'created' })
  /** The intent is durable; the start may or may not have been sent by `session`. */
  | (JobOnServer & { readonly state: 'starting'; readonly session: string })
  /** A start was sent and nobody knows whether it was executed. */
  | (JobOnServer & { readonly state: 'unclear' })
  | (JobOnServer & { readonly state: 'started' })
  | (JobOnServer & { readonly state: 'processed' })
  | (JobOnServer & { readonly state: 'verified'; readonly output: OutputRecord })
  | (JobOnServer & { readonly state: 'done'; readonly output: OutputRecord })
  | (JobOnServer & {
      readonly state: 'failed';
      readonly reason: string;
      /** The service's word about the charge; its values are documented nowhere. */
      readonly billingStatus: string | undefined;
    });

export type JobState = Job['state'];

/** What a job is about; never changes. */
export interface JobIdentity {
  /** Names the work: same bytes, same settings, same account space, same key. 26 characters. */
  readonly key: string;
  /** How many start intents have been made durable. Once above 0 the job id is frozen. */
  readonly startTries: number;
}

interface JobOnServer extends JobIdentity {
  readonly videoUrl: string;
  readonly jobId: string;
  /** Fingerprint of the API key that created the job; other keys cannot see it. */
  readonly keyFingerprint: string;
}

/** The bytes that were checked and may be published: one file, or a folder of frames. */
export interface OutputRecord {
  /** Of the file; of a folder that of its listing, as `sha256sum` prints it. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export type JobEvent =
  | { readonly type: 'uploaded'; readonly videoUrl: string }
  | { readonly type: 'created'; readonly jobId: string; readonly keyFingerprint: string }
  | { readonly type: 'start_intended'; readonly session: string }
  /** The server definitely did not start it (429, insufficient credits). */
  | { readonly type: 'start_refused'; readonly reason: string }
  | { readonly type: 'start_unclear'; readonly reason: string }
  | {
      readonly type: 'started';
      readonly evidence: string;
      /** The server's name for the request that was charged, when it gave one. */
      readonly requestId?: string | undefined;
    }
  /** Never started and gone from the server: free to begin again. */
  | { readonly type: 'draft_lost' }
  /** Never started and its upload is gone or refused: free to upload again. */
  | { readonly type: 'upload_lost' }
  /** `billed`: what the service says it charged; it documents no field for that. */
  | { readonly type: 'processed'; readonly billed?: Credits | undefined }
  | {
      readonly type: 'failed';
      readonly reason: string;
      readonly billingStatus: string | undefined;
      readonly billed?: Credits | undefined;
    }
  | {
      readonly type: 'verified';
      readonly output: OutputRecord;
      readonly steadiness?: Steadiness | undefined;
    }
  | { readonly type: 'published' }
  /** The published file is gone or changed: fetch it again, which is free. */
  | { readonly type: 'output_lost' };

export class ImpossibleTransition extends Error {
  override readonly name = 'ImpossibleTransition';
  constructor(job: Job, event: JobEvent) {
    super(`job ${job.key} cannot take \`${event.type}\` in state \`${job.state}\``);
  }
}

/**
 * The next state of a job.
 *
 * @throws ImpossibleTransition when the event does not fit the state: a bug, never a fault outside
 */
export function fold(job: Job, event: JobEvent): Job {
  const { key, startTries } = job;
  switch (event.type) {
    case 'uploaded':
      if (job.state === 'planned') {
        return { key, startTries, state: 'uploaded', videoUrl: event.videoUrl };
      }
      break;
    case 'created':
      if (job.state === 'uploaded') {
        const { jobId, keyFingerprint } = event;
        return { key, startTries, state: 'created', videoUrl: job.videoUrl, jobId, keyFingerprint };
      }
      break;
    case 'start_intended':
      if (job.state === 'created' || job.state === 'unclear') {
        const tries = startTries + 1;
        return { ...onServer(job), startTries: tries, state: 'starting', session: event.session };
      }
      break;
    case 'start_refused':
      if (job.state === 'starting') return { ...onServer(job), state: 'created' };
      break;
    case 'start_unclear':
      if (job.state === 'starting') return { ...onServer(job), state: 'unclear' };
      break;
    case 'started':
      if (job.state === 'created' || job.state === 'starting' || job.state === 'unclear') {
        return { ...onServer(job), state: 'started' };
      }
      break;
    case 'draft_lost':
      if (job.state === 'created' && startTries === 0) {
        return { key, startTries, state: 'uploaded', videoUrl: job.videoUrl };
      }
      break;
    case 'upload_lost':
      if (job.state === 'uploaded') return { key, startTries, state: 'planned' };
      break;
    case 'processed':
      if (job.state === 'started') return { ...onServer(job), state: 'processed' };
      break;
    case 'failed':
      if (job.state === 'started') {
        const { reason, billingStatus } = event;
        return { ...onServer(job), state: 'failed', reason, billingStatus };
      }
      break;
    case 'verified':
      if (job.state === 'processed') {
        return { ...onServer(job), state: 'verified', output: event.output };
      }
      break;
    case 'published':
      if (job.state === 'verified') {
        return { ...onServer(job), state: 'done', output: job.output };
      }
      break;
    case 'output_lost':
      if (job.state === 'verified' || job.state === 'done') {
        return { ...onServer(job), state: 'processed' };
      }
      break;
  }
  throw new ImpossibleTransition(job, event);
}

function onServer(job: JobOnServer): JobOnServer {
  const { key, startTries, videoUrl, jobId, keyFingerprint } = job;
  return { key, startTries, videoUrl, jobId, keyFingerprint };
}

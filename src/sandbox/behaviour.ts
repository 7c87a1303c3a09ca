import type { Model } from '../core/model.ts';

/**
 * Everything about the service that its pages leave open or contradict, one knob each. Conflict
 * numbers (C1..C20) are those of the vendor's own pages; a client must be safe at every value.
 */
export interface Behaviour {
  /** Status word of a job that was created but not started (C6). */
  readonly draftWord: 'created' | 'pending';
  /** What a job's id is called in answers (C5). */
  readonly idField: 'id' | 'job_id' | 'both';
  /** Where `GET /v1/jobs` and `/v1/usage/events` put their entries: a member, or no envelope. */
  readonly listShape: 'items' | 'jobs' | 'data' | 'array';
  /** Entries in one page at most, whatever `limit` asks for. */
  readonly listPageCap: number;
  /** Whether a job shows the `metadata` it was created with; only the SDKs know the field. */
  readonly echoMetadata: boolean;
  /** Background of a create that names none (C1). */
  readonly defaultBackground: 'transparent' | 'green';
  /** Bytes. The page says "500MB": 500,000,000, or 524,288,000 if it means MiB. */
  readonly uploadLimitBytes: number;
  /** PNG, JPEG and WebP uploads, as the image background guide asks; the upload page lists video (C17). */
  readonly acceptImageUploads: boolean;
  /** Credits a minute of billed video (vendor page: credits). */
  readonly creditsPerMinute: Readonly<Record<Model, number>>;
  /** The step to which billed time is rounded up. */
  readonly rounding: 'exact' | 'second_up' | 'minute_up';
  /** What a start with `preview_duration` bills: that much of the clip, or all of it. */
  readonly previewBilling: 'preview' | 'full';
  /** When the charge is written. */
  readonly chargeAt: 'start' | 'completion';
  /** Whether a job that fails gives back what it was charged. */
  readonly refundOnFailure: boolean;
  /** Answer to the start of a job that was started before: 409, 200 without effect, or a new charge. */
  readonly secondStart: 'refused' | 'ignored' | 'charged_again';
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  draftWord: 'created',
  idField: 'id',
  listShape: 'items',
  listPageCap: 100,
  echoMetadata: true,
  defaultBackground: 'transparent',
  uploadLimitBytes: 500_000_000,
  acceptImageUploads: true,
  creditsPerMinute: { original: 60, light: 45, pro: 180, human: 45 },
  rounding: 'exact',
  previewBilling: 'preview',
  chargeAt: 'start',
  refundOnFailure: true,
  secondStart: 'refused',
};

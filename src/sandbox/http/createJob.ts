import type { Context } from 'hono';

import type { Job } from '../jobs/job.ts';
import { ApiFailure, invalidRequest } from './apiFailure.ts';
import { originOf, type HttpDeps, type HttpEnv } from './deps.ts';
import { newOrder, type OrderRules } from './jobOrder.ts';
import type { Viewpoint } from './jobAnswer.ts';
import { checkSettings, createRequest, requireGuideFields } from './jobRequest.ts';
import { createMediaUrls } from './mediaUrls.ts';

/**
 * Makes a job out of a create body, and starts it unless it is to be a draft.
 *
 * @param key fingerprint of the key that owns and pays it
 * @throws ApiFailure 400, or what a start is refused with
 */
export async function createJob(
  deps: HttpDeps,
  context: Context<HttpEnv>,
  body: unknown,
  key: string,
): Promise<Job> {
  const { behaviour } = deps;
  const request = checkSettings(createRequest, body, behaviour);
  if (behaviour.requiredFields === 'guide') requireGuideFields(request);
  const media = createMediaUrls(deps, originOf(context));
  const fileName = await media.video(request.video_url);
  const order = await newOrder(request, orderRules(deps, context));
  const durationSeconds = await deps.durationOf(fileName);
  if (durationSeconds === undefined) throw invalidRequest('video_url cannot be read as video');
  if (durationSeconds > (behaviour.maxDurationSeconds ?? Infinity)) {
    throw invalidRequest('video_url: the clip is too long');
  }
  const answer = await deps.desk.create({
    key,
    source: { fileName, durationSeconds },
    order,
    autoStart: request.auto_start || behaviour.draftFlag === 'ignored',
    ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
  });
  if (!('job' in answer)) throw startRefusal(answer.type, behaviour);
  return answer.job;
}

/** What a start is refused with when its key has no credits or no place left. */
export function startRefusal(
  type: 'insufficient_credits' | 'too_many_jobs',
  behaviour: HttpDeps['behaviour'],
): ApiFailure {
  return type === 'insufficient_credits'
    ? new ApiFailure(behaviour.insufficientStatus, type, 'Insufficient credits')
    : new ApiFailure(behaviour.tooManyJobsStatus, type, 'Too many jobs in progress');
}

export function orderRules(deps: HttpDeps, context: Context<HttpEnv>): OrderRules {
  const media = createMediaUrls(deps, originOf(context));
  return { behaviour: deps.behaviour, imageFile: (url) => media.image(url) };
}

/** How jobs look to this caller, now. */
export function viewpointOf(deps: HttpDeps, context: Context<HttpEnv>): Viewpoint {
  const { behaviour, clock, runner } = deps;
  return { behaviour, origin: originOf(context), nowMs: clock.now(), runner };
}

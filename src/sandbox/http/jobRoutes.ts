import { Hono } from 'hono';

import { asOf } from '../jobs/asOf.ts';
import type { Job } from '../jobs/job.ts';
import { ApiFailure, invalidRequest } from './apiFailure.ts';
import { createJob, orderRules, startRefusal, viewpointOf } from './createJob.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { acceptedAnswer, jobAnswer, listAnswer, statusWord } from './jobAnswer.ts';
import { amendedOrder } from './jobOrder.ts';
import { check, checkSettings, listQuery, readJson, startRequest } from './jobRequest.ts';

/** Words that a list can be filtered by on every page that has the filter. */
const STATUS_WORDS = ['created', 'pending', 'processing', 'completed', 'failed'];

/** Create, start, get and list (vendor pages: create job, start job, job status, list jobs). */
export function jobRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const { behaviour, clock, desk, store } = deps;
  /** Jobs by key and idempotency key, where the service honours one. */
  const repeatable = new Map<string, Promise<Job>>();

  function ownJob(jobId: string, key: string): Job {
    const job = store.get(jobId);
    if (job?.key !== key) throw new ApiFailure(404, behaviour.notFoundCode, 'Job not found');
    return job;
  }

  /** The same job for the same name, if the first attempt made one. */
  function once(name: string | undefined, create: () => Promise<Job>): Promise<Job> {
    if (name === undefined || behaviour.idempotencyKey === 'ignored') return create();
    const known = repeatable.get(name);
    if (known !== undefined) return known;
    const job = create();
    repeatable.set(name, job);
    job.catch(() => repeatable.delete(name));
    return job;
  }

  const routes = new Hono<HttpEnv>();
  routes.post('/v1/jobs', async (context) => {
    const { key } = context.var;
    const body = await readJson(context.req);
    const name = context.req.header('idempotency-key');
    const job = await once(name && `${key} ${name}`, () => createJob(deps, context, body, key));
    const message = job.state.status === 'created' ? 'Job created' : 'Job submitted';
    const answer = acceptedAnswer(job, viewpointOf(deps, context), message);
    return context.json(answer, behaviour.createStatus);
  });
  routes.post('/v1/jobs/:id/start', async (context) => {
    const { id } = ownJob(context.req.param('id'), context.var.key);
    const request = checkSettings(startRequest, await readJson(context.req), behaviour);
    const answer = await desk.start(id, (job) =>
      amendedOrder(job.order, request, orderRules(deps, context)),
    );
    if (!('job' in answer)) throw startRefusal(answer.type, behaviour);
    if (answer.type === 'already_started') {
      const status = behaviour.secondStartStatus;
      throw new ApiFailure(status, 'job_already_started', 'Job already started');
    }
    const message = answer.type === 'ignored' ? 'Job already started' : 'Job started';
    return context.json(acceptedAnswer(answer.job, viewpointOf(deps, context), message));
  });
  routes.get('/v1/jobs/:id', (context) => {
    const job = ownJob(context.req.param('id'), context.var.key);
    return context.json(jobAnswer(job, viewpointOf(deps, context)));
  });
  routes.get('/v1/jobs', (context) => {
    const { limit, offset, status } = check(listQuery, context.req.query());
    const view = viewpointOf(deps, context);
    const known = STATUS_WORDS.concat(
      [behaviour.draftWord, behaviour.queuedWord, behaviour.processingWord].map(String),
      [behaviour.completedWord, behaviour.failedWord],
    );
    if (status !== undefined && !known.includes(status)) throw invalidRequest('status: unknown');
    const seenAt = clock.now() - behaviour.listLagMs;
    const inOrder = store.idsOf(context.var.key);
    const ids = behaviour.listOrder === 'newest_first' ? inOrder.toReversed() : inOrder;
    const jobs = ids
      .map((id) => ownJob(id, context.var.key))
      .flatMap((job) => (behaviour.listLagMs === 0 ? job : (asOf(job, seenAt) ?? [])))
      .filter((job) => status === undefined || isCalled(status, job));
    const page = jobs.slice(offset, offset + Math.min(limit, behaviour.listPageCap));
    const entries = page.map((job) => ({
      ...jobAnswer(behaviour.listMetadata ? job : { ...job, metadata: undefined }, view),
      ...(behaviour.listOutputUrl ? {} : { output_url: null }),
    }));
    const extras = behaviour.listTotal ? { total: jobs.length, limit, offset } : {};
    return context.json(listAnswer(entries, behaviour, extras));

    /** `created` and `pending` both mean a draft, and `pending` may mean a queued job as well. */
    function isCalled(word: string, job: Job): boolean {
      if (String(statusWord(job, view)) === word || job.state.status === word) return true;
      return word === 'pending' && job.state.status === 'created';
    }
  });
  return routes;
}

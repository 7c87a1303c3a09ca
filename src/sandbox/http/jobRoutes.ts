import { Hono } from 'hono';

import type { Job } from '../jobs/job.ts';
import { ApiFailure, invalidRequest } from './apiFailure.ts';
import { originOf, type HttpDeps, type HttpEnv } from './deps.ts';
import { acceptedAnswer, jobAnswer, listAnswer } from './jobAnswer.ts';
import { amendedOrder, newOrder } from './jobOrder.ts';
import { check, createRequest, listQuery, readJson, startRequest } from './jobRequest.ts';
import { uploadedVideo } from './mediaUrls.ts';

/** Create, start, get and list (vendor pages: create job, start job, job status, list jobs). */
export function jobRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const { behaviour, desk, folder, store } = deps;

  function ownJob(jobId: string, key: string): Job {
    const job = store.get(jobId);
    if (job?.key !== key) throw new ApiFailure(404, 'not_found', 'Job not found');
    return job;
  }

  function show(job: Job, origin: string): unknown {
    return jobAnswer(job, behaviour, origin, deps.runner.progressOf(job.id));
  }

  const routes = new Hono<HttpEnv>();
  routes.post('/v1/jobs', async (context) => {
    const request = check(createRequest, await readJson(context.req));
    const origin = originOf(context);
    const fileName = await uploadedVideo(request.video_url, origin, folder);
    const order = await newOrder(request, behaviour, origin, folder);
    const durationSeconds = await deps.durationOf(fileName);
    if (durationSeconds === undefined) throw invalidRequest('video_url cannot be read as video');
    const job = await desk.create({
      key: context.var.key,
      source: { fileName, durationSeconds },
      order,
      autoStart: request.auto_start,
      ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
    });
    const message = request.auto_start ? 'Job submitted' : 'Job created';
    return context.json(acceptedAnswer(job, behaviour, message));
  });
  routes.post('/v1/jobs/:id/start', async (context) => {
    const { id } = ownJob(context.req.param('id'), context.var.key);
    const request = check(startRequest, await readJson(context.req));
    const answer = await desk.start(id, (job) =>
      amendedOrder(job.order, request, originOf(context), folder),
    );
    if (answer.type === 'refused') {
      throw new ApiFailure(409, 'job_already_started', 'Job already started');
    }
    const message = answer.type === 'ignored' ? 'Job already started' : 'Job started';
    return context.json(acceptedAnswer(answer.job, behaviour, message));
  });
  routes.get('/v1/jobs/:id', (context) => {
    const job = ownJob(context.req.param('id'), context.var.key);
    return context.json(show(job, originOf(context)));
  });
  routes.get('/v1/jobs', (context) => {
    const { limit, offset, status } = check(listQuery, context.req.query());
    const word = status === 'pending' ? 'created' : status;
    const newestFirst = store.idsOf(context.var.key).toReversed();
    const jobs = newestFirst
      .map((id) => ownJob(id, context.var.key))
      .filter((job) => word === undefined || job.state.status === word);
    const page = jobs.slice(offset, offset + Math.min(limit, behaviour.listPageCap));
    const origin = originOf(context);
    const entries = page.map((job) => show(job, origin));
    return context.json(listAnswer(entries, behaviour, { total: jobs.length, limit, offset }));
  });
  return routes;
}

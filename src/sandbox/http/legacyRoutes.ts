import { Hono } from 'hono';

import { createJob, viewpointOf } from './createJob.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { acceptedAnswer } from './jobAnswer.ts';
import { readJson } from './jobRequest.ts';
import { uploadHandler } from './uploadRoutes.ts';

/** Owner of jobs that come without a key; only `/api/download` shows them. */
const NOBODY = 'anonymous';

/**
 * The endpoints before `/v1` (vendor pages: upload, create job). They take no key, and their shapes
 * are documented nowhere: the sandbox gives them those of their successors.
 */
export function legacyRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  if (!deps.behaviour.legacyEndpoints) return routes;
  routes.post('/api/upload', uploadHandler(deps));
  routes.post('/api/process', async (context) => {
    const account = deps.book.find(context.req.header('x-api-key') ?? '');
    const job = await createJob(
      deps,
      context,
      await readJson(context.req),
      account?.enabled === true ? account.key : NOBODY,
    );
    return context.json(acceptedAnswer(job, viewpointOf(deps, context), 'Job submitted'));
  });
  return routes;
}

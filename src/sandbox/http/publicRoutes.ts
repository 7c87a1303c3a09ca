import { Hono } from 'hono';

import type { Behaviour } from '../behaviour.ts';
import { ApiFailure } from './apiFailure.ts';
import { viewpointOf } from './createJob.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { downloadAnswer } from './jobAnswer.ts';
import { checkOutputUrl } from './outputUrls.ts';
import { serveFile } from './serveFile.ts';

const FILE_NAME = /^[A-Za-z0-9_-]{1,64}\.[a-z0-9]{1,8}$/;

/** What needs no key: pricing, download links, health, and the files themselves. */
export function publicRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const { behaviour, clock, folder, store } = deps;

  function safeName(name: string): string {
    if (!FILE_NAME.test(name)) throw new ApiFailure(404, 'not_found', 'File not found');
    return name;
  }

  const routes = new Hono<HttpEnv>();
  routes.get('/health', (context) =>
    behaviour.healthShape === 'text'
      ? context.text('ok')
      : context.json({ status: 'ok', service: 'rbgv sandbox' }),
  );
  routes.get('/api/pricing', (context) =>
    context.json({
      model_pricing_credits_per_minute: prices(behaviour),
      price_per_second_cents: 0,
      packages: behaviour.packages,
    }),
  );
  routes.get('/api/download/:id', (context) => {
    const job = store.get(context.req.param('id'));
    if (job === undefined) throw new ApiFailure(404, behaviour.notFoundCode, 'Job not found');
    if (job.state.status !== 'completed') {
      throw new ApiFailure(400, 'job_not_completed', 'Job not completed');
    }
    return context.json(downloadAnswer(job, viewpointOf(deps, context)));
  });
  routes.get('/uploads/:name', (context) =>
    serveFile(folder.upload(safeName(context.req.param('name'))), context.req.raw, behaviour),
  );
  routes.get('/outputs/:name', (context) => {
    const name = safeName(context.req.param('name'));
    const { searchParams } = new URL(context.req.url);
    checkOutputUrl(name, searchParams, behaviour, clock.now());
    return serveFile(folder.output(name), context.req.raw, behaviour);
  });
  return routes;
}

function prices({ creditsPerMinute, pricingShape }: Behaviour): unknown {
  if (pricingShape === 'numbers') return creditsPerMinute;
  const entries = Object.entries(creditsPerMinute);
  return Object.fromEntries(entries.map(([model, rate]) => [model, { credits_per_minute: rate }]));
}

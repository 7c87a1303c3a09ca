import { Hono } from 'hono';

import { ApiFailure } from './apiFailure.ts';
import { originOf, type HttpDeps, type HttpEnv } from './deps.ts';
import { outputUrl } from './jobAnswer.ts';
import { serveFile } from './serveFile.ts';

const FILE_NAME = /^[A-Za-z0-9_-]{1,64}\.[a-z0-9]{1,8}$/;

/** What needs no key: pricing, download links, health, and the files themselves. */
export function publicRoutes({ behaviour, folder, store }: HttpDeps): Hono<HttpEnv> {
  function safeName(name: string): string {
    if (!FILE_NAME.test(name)) throw new ApiFailure(404, 'not_found', 'File not found');
    return name;
  }

  const routes = new Hono<HttpEnv>();
  routes.get('/health', (context) => context.json({ status: 'ok', service: 'rbgv sandbox' }));
  routes.get('/api/pricing', (context) =>
    context.json({
      model_pricing_credits_per_minute: behaviour.creditsPerMinute,
      price_per_second_cents: 0,
      packages: [{ name: 'Starter' }, { name: 'Pro' }, { name: 'Business' }],
    }),
  );
  routes.get('/api/download/:id', (context) => {
    const job = store.get(context.req.param('id'));
    if (job === undefined) throw new ApiFailure(404, 'not_found', 'Job not found');
    if (job.state.status !== 'completed') {
      throw new ApiFailure(400, 'job_not_completed', 'Job not completed');
    }
    return context.json({
      success: true,
      download_url: outputUrl(job, originOf(context)),
      output_format: job.order.format,
    });
  });
  routes.get('/uploads/:name', (context) =>
    serveFile(folder.upload(safeName(context.req.param('name'))), context.req.raw),
  );
  routes.get('/outputs/:name', (context) =>
    serveFile(folder.output(safeName(context.req.param('name'))), context.req.raw),
  );
  return routes;
}

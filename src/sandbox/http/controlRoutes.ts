import { Hono } from 'hono';
import { z } from 'zod';

import { expiryAfter } from '../accounts/meter.ts';
import { invalidRequest } from './apiFailure.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { check, readJson } from './jobRequest.ts';

const topUp = z.object({
  key_fingerprint: z.string(),
  credits: z.number().min(0),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

/** Doors of the sandbox's own, which no service has: what was charged, what is left, who called. */
export function controlRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const { behaviour, book, clock, meter, store } = deps;
  const routes = new Hono<HttpEnv>();

  routes.get('/sandbox/charges', (context) => context.json({ items: store.charges }));

  routes.get('/sandbox/balance', (context) =>
    context.json({ items: book.all().map(({ key }) => meter.balanceOf(key)) }),
  );

  routes.post('/sandbox/balance', async (context) => {
    const request = check(topUp, await readJson(context.req));
    const { key_fingerprint: key, credits } = request;
    if (book.get(key) === undefined) throw invalidRequest('key_fingerprint is unknown');
    const standard = expiryAfter(behaviour.creditExpiryDays, clock.now());
    await meter.topUp(key, credits, request.expires_at ?? standard);
    return context.json(meter.balanceOf(key));
  });

  routes.get('/sandbox/requests', (context) => context.json(deps.requests));
  return routes;
}

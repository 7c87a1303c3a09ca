import { Hono } from 'hono';

import { summarise } from '../jobs/usage.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { listAnswer } from './jobAnswer.ts';
import { check, eventsQuery, summaryQuery } from './jobRequest.ts';

/**
 * Usage (vendor page: usage). Field names beyond the three totals are documented nowhere; an event
 * is a line of the charge ledger, so that the two cannot disagree.
 */
export function usageRoutes({ behaviour, clock, store }: HttpDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.get('/v1/usage/summary', (context) => {
    const { days } = check(summaryQuery, context.req.query());
    const { key } = context.var;
    const jobs = Array.from(store.all()).filter((job) => job.key === key);
    const charges = store.charges.filter((charge) => charge.key === key);
    return context.json(summarise(jobs, charges, clock.now(), days));
  });
  routes.get('/v1/usage/events', (context) => {
    const { limit } = check(eventsQuery, context.req.query());
    const newestFirst = store.charges.filter(({ key }) => key === context.var.key).toReversed();
    const entries = newestFirst.slice(0, limit).map((charge) => ({
      id: `${charge.job_id}-${String(charge.seq)}`,
      type: charge.reason,
      job_id: charge.job_id,
      video_id: charge.video_id,
      model: charge.model,
      billed_seconds: charge.billed_seconds,
      credits_used: charge.credits,
      created_at: charge.at,
    }));
    return context.json(listAnswer(entries, behaviour));
  });
  return routes;
}

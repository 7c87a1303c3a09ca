import { Hono } from 'hono';

import type { Behaviour } from '../behaviour.ts';
import { summarise, type UsageSummary } from '../jobs/usage.ts';
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
    const query = inRange(context.req.query(), 'days', 90, behaviour);
    const { days } = check(summaryQuery, query);
    const { key } = context.var;
    const jobs = Array.from(store.all()).filter((job) => job.key === key);
    const charges = store.charges.filter((charge) => charge.key === key);
    const offset = behaviour.usageDayOffsetHours;
    const summary = summarise(jobs, charges, clock.now(), days, offset);
    return context.json(shaped(summary, behaviour.usageShape));
  });
  routes.get('/v1/usage/events', (context) => {
    const query = inRange(context.req.query(), 'limit', 100, behaviour);
    const { limit } = check(eventsQuery, query);
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

/** Pulls a number into its documented range, from 1, if the service does so. */
function inRange(
  query: Readonly<Record<string, string>>,
  name: string,
  most: number,
  { usageOutOfRange }: Behaviour,
): Readonly<Record<string, string>> {
  const asked = Number(query[name]);
  if (usageOutOfRange === 'refused' || Number.isNaN(asked)) return query;
  return { ...query, [name]: String(Math.max(1, Math.min(most, asked))) };
}

function shaped(summary: UsageSummary, shape: Behaviour['usageShape']): object {
  const { days, daily, ...totals } = summary;
  switch (shape) {
    case 'totals':
      return summary;
    case 'nested':
      return { days, totals, daily };
    case 'daily':
      return daily;
  }
}

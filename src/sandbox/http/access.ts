import type { Context, MiddlewareHandler } from 'hono';

import { createRateLimit, type Allowance } from '../accounts/rateLimit.ts';
import type { Behaviour } from '../behaviour.ts';
import { ApiFailure } from './apiFailure.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';

const ADMIN_PATH = '/v1/admin/';

/**
 * Lets in whoever has a key, as often as its bucket allows (vendor pages: authentication, rate
 * limits). Which door wants which header differs between the pages (C10).
 */
export function requireKey(deps: HttpDeps): MiddlewareHandler<HttpEnv> {
  const { behaviour, book, clock } = deps;
  const takeToken = createRateLimit(behaviour, clock);
  return async (context, next) => {
    if (context.req.path.startsWith(ADMIN_PATH) && behaviour.adminAuth === 'token') return next();
    const apiKey = context.req.header('x-api-key');
    if (apiKey === undefined) throw new ApiFailure(401, 'missing_api_key', 'API key is missing');
    const account = book.find(apiKey);
    if (account === undefined) {
      throw new ApiFailure(401, 'invalid_api_key', 'API key is not valid');
    }
    if (!account.enabled) {
      throw new ApiFailure(401, behaviour.disabledKeyCode, 'API key is disabled');
    }
    const allowance = takeToken(account.key);
    if (allowance !== undefined) {
      const headers = limitHeaders(allowance, behaviour, clock.now());
      if (!allowance.allowed) {
        throw new ApiFailure(429, 'rate_limited', 'Too many requests', {
          headers: { ...headers, ...retryAfter(allowance.waitMs, behaviour, clock.now()) },
        });
      }
      setAll(context, headers);
    }
    context.set('key', account.key);
    await next();
  };
}

/** Lets in whoever has the admin token; without a token in the options there is no door at all. */
export function requireAdmin({ adminToken }: HttpDeps): MiddlewareHandler<HttpEnv> {
  return async (context, next) => {
    if (!adminToken) throw new ApiFailure(404, 'not_found', 'Not found');
    if (context.req.header('x-admin-token') !== adminToken) {
      throw new ApiFailure(401, 'invalid_admin_token', 'Admin token is missing or not valid');
    }
    await next();
  };
}

function limitHeaders(
  allowance: Allowance,
  behaviour: Behaviour,
  nowMs: number,
): Readonly<Record<string, string>> {
  if (!behaviour.rateLimitHeaders) return {};
  return {
    'x-ratelimit-limit': String(behaviour.rateBurst),
    'x-ratelimit-remaining': String(allowance.remaining),
    'x-ratelimit-reset': String(Math.ceil((nowMs + allowance.waitMs) / 1_000)),
  };
}

/** Whole seconds, rounded up: a client that obeys is never refused for it. */
function retryAfter(
  waitMs: number,
  behaviour: Behaviour,
  nowMs: number,
): Readonly<Record<string, string>> {
  switch (behaviour.retryAfter) {
    case 'none':
      return {};
    case 'seconds':
      return { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
    case 'http_date':
      return { 'retry-after': new Date(Math.ceil((nowMs + waitMs) / 1_000) * 1_000).toUTCString() };
  }
}

function setAll(context: Context, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
}

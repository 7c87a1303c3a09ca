import { amount, choice, errorStatus, flag, limit, word } from './knob.ts';

/** How much one key may ask for. */
export const TRAFFIC_KNOBS = {
  ratePerSecond: limit('requests a second for each key', 'C19, N5: no number is documented'),
  rateBurst: amount('requests', 10, 'N5: how many may come at once before the rate counts', {
    least: 1,
  }),
  retryAfter: choice(
    ['seconds', 'http_date', 'none'],
    'seconds',
    'N5: whether a 429 carries Retry-After is not documented',
  ),
  rateLimitHeaders: flag(false, 'N5: X-RateLimit-Limit, -Remaining and -Reset are not documented'),
  maxJobsInFlight: limit('started jobs of one key', 'N5: a concurrency cap is not documented'),
  tooManyJobsStatus: errorStatus(429, 'N5: the refusal above the cap, code too_many_jobs'),
  disabledKeyCode: word('invalid_api_key', 'N20: the code for a disabled key is not documented'),
} as const;

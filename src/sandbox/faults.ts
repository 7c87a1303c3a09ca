/** The sandbox's doors, as faults and counters name them. */
const ENDPOINTS = [
  'uploads',
  'create',
  'start',
  'get',
  'list',
  'summary',
  'events',
  'pricing',
  'download',
  'health',
  'input',
  'output',
  'other',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** What goes wrong with a call. `when` is before (default) or after the call took effect. */
export type FaultEffect =
  /** The connection ends; nothing happened. */
  | { readonly kind: 'drop_before' }
  /** It happened; the connection ends instead of an answer. */
  | { readonly kind: 'drop_after' }
  /** An error answer with the envelope. `code` defaults to the documented one of the status. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      /** Sent as the Retry-After header, as it stands. */
      readonly retryAfter?: string | number;
      readonly when?: 'before' | 'after';
    }
  /** The page of a proxy that lost its backend. */
  | { readonly kind: 'html_502'; readonly when?: 'before' | 'after' }
  /** It happened; a whole HTTP answer carries the first half of its JSON. */
  | { readonly kind: 'truncated_json' }
  /** The right head, then this many bytes of the body, then the connection ends. */
  | { readonly kind: 'cut_body_at'; readonly bytes: number }
  /** Waits, then goes on; a caller that gave up meanwhile is not asked. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' };

/** One entry of a fault script: `nth` strikes once, `every` strikes each multiple. From 1. */
export type Fault = { readonly endpoint: Endpoint } & (
  { readonly nth: number } | { readonly every: number }
) &
  FaultEffect;

/** Counts calls and says what is to go wrong with each. */
export interface FaultScript {
  /** Counts this call; the first entry of the script that matches it, if any. */
  next(endpoint: Endpoint): FaultEffect | undefined;
  /** Calls so far. */
  readonly counts: Readonly<Record<Endpoint, number>>;
}

export function createFaultScript(faults: readonly Fault[]): FaultScript {
  const counts = Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, 0])) as Record<
    Endpoint,
    number
  >;
  return {
    counts,
    next(endpoint) {
      counts[endpoint] += 1;
      const call = counts[endpoint];
      return faults.find(
        (fault) =>
          fault.endpoint === endpoint &&
          ('nth' in fault ? fault.nth === call : call % fault.every === 0),
      );
    },
  };
}

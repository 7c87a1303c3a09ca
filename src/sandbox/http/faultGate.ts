import type { HttpBindings } from '@hono/node-server';

import type { Clock } from '../../core/clock.ts';
import type { Behaviour } from '../behaviour.ts';
import type { FaultScript } from '../faults/faultScript.ts';
import type { HttpFault } from '../faults.ts';
import { ApiFailure, defaultCode, errorResponse } from './apiFailure.ts';
import {
  askedOfNewFile,
  changedBytes,
  expiredUrl,
  halfJson,
  htmlPage,
  movedRange,
  rewritten,
  withoutLength,
} from './changedAnswer.ts';
import { doorOf } from './doors.ts';
import { cutBody, drop, keepSilent, misstateLength, sendSlowly } from './rawAnswer.ts';

/** Answers one request; what hono's `fetch` is. */
export type Handler = (request: Request, bindings: HttpBindings) => Promise<Response>;

/**
 * Lets a fault script strike between the socket and the application, as a proxy or a network would:
 * the application never knows.
 *
 * @param deps.closing ends waits when the sandbox closes
 * @param deps.later is given what goes on after its caller was left alone
 */
export function withFaults(
  handle: Handler,
  deps: {
    readonly script: FaultScript;
    readonly behaviour: Behaviour;
    readonly clock: Clock;
    readonly closing: AbortSignal;
    readonly later: (work: Promise<unknown>) => void;
  },
): Handler {
  const { script, clock, closing } = deps;

  return (request, bindings) => {
    const door = doorOf(request);
    const fault = door && script.next(door.endpoint, door.jobId);
    return fault === undefined ? handle(request, bindings) : strike(fault, request, bindings);
  };

  async function strike(
    fault: HttpFault,
    request: Request,
    bindings: HttpBindings,
  ): Promise<Response> {
    const { outgoing } = bindings;
    const execute = (): Promise<Response> => handle(request, bindings);
    if ('when' in fault && fault.when === 'after' && fault.kind !== 'delay') {
      await discard(await execute());
    }
    switch (fault.kind) {
      case 'drop_before':
        return drop(outgoing);
      case 'drop_after':
        await discard(await execute());
        return drop(outgoing);
      case 'execute_late': {
        const { url, method, headers } = request;
        const body = method === 'POST' ? await request.text() : null;
        const copy = new Request(url, { method, headers, body });
        const late = clock.sleep(fault.ms, closing).then(() => handle(copy, bindings));
        deps.later(late.then(discard));
        return drop(outgoing);
      }
      case 'half_open':
        return keepSilent(outgoing, closing);
      case 'delay': {
        if (fault.when !== 'after') {
          await clock.sleep(fault.ms, closing);
          return execute();
        }
        const response = await execute();
        await clock.sleep(fault.ms, closing);
        return response;
      }
      case 'status': {
        const { status, code = defaultCode(status), retryAfter } = fault;
        const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
        const failure = new ApiFailure(status, code, 'scripted fault', { headers });
        return errorResponse(failure, deps.behaviour);
      }
      case 'html_502':
        return htmlPage(502, '502 Bad Gateway');
      case 'html_200':
        return htmlPage(200, 'Please sign in');
      case 'truncated_json':
        return halfJson(await execute());
      case 'rewrite_json':
        return rewritten(await execute(), fault.set);
      case 'cut_body_at':
        return cutBody(await execute(), fault.bytes, outgoing);
      case 'slow_bytes':
        return sendSlowly(await execute(), fault, outgoing, clock, closing);
      case 'wrong_length':
        return fault.by === 'missing'
          ? withoutLength(await execute())
          : misstateLength(await execute(), fault.by, outgoing);
      case 'wrong_range':
        return movedRange(await execute(), fault.by);
      case 'changed_object': {
        const response = await handle(askedOfNewFile(request), bindings);
        return changedBytes(response, fault.etag ?? 'new');
      }
      case 'expired_url':
        return expiredUrl();
      case 'redirect_to':
        return new Response(null, {
          status: fault.status ?? 302,
          headers: { location: fault.url },
        });
    }
  }
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

import type { Endpoint } from '../faults.ts';

type HttpDoor = Exclude<Endpoint, 'work' | 'webhook'>;

/** The endpoint of each method and path; the group, where there is one, is the job's id. */
const DOORS: readonly (readonly [HttpDoor, method: string | undefined, path: RegExp])[] = [
  ['get', 'GET', /^\/v1\/jobs\/([^/]+)$/],
  ['output', 'GET', /^\/outputs\/([^/.]+)/],
  ['uploads', 'POST', /^\/(?:v1\/uploads|api\/upload)$/],
  ['create', 'POST', /^\/(?:v1\/jobs|api\/process)$/],
  ['start', 'POST', /^\/v1\/jobs\/([^/]+)\/start$/],
  ['list', 'GET', /^\/v1\/jobs$/],
  ['download', 'GET', /^\/api\/download\/([^/]+)$/],
  ['pricing', 'GET', /^\/api\/pricing$/],
  ['summary', 'GET', /^\/v1\/usage\/summary$/],
  ['events', 'GET', /^\/v1\/usage\/events$/],
  ['input', 'GET', /^\/uploads\//],
  ['health', 'GET', /^\/health$/],
  ['admin', undefined, /^\/v1\/admin\//],
];

/**
 * Which door a request is at, and about which job.
 *
 * @returns `undefined` at the control doors: the instrument is not part of the service
 */
export function doorOf(
  request: Request,
): { readonly endpoint: HttpDoor; readonly jobId: string | undefined } | undefined {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/sandbox/')) return undefined;
  for (const [endpoint, verb, path] of DOORS) {
    const match = verb === undefined || verb === method ? path.exec(pathname) : null;
    if (match !== null) return { endpoint, jobId: match[1] };
  }
  return { endpoint: 'other', jobId: undefined };
}

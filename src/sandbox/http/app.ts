import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';

import { requireAdmin, requireKey } from './access.ts';
import { adminRoutes } from './adminRoutes.ts';
import {
  ApiFailure,
  errorResponse,
  invalidRequest,
  newRequestId,
  REQUEST_ID_HEADER,
} from './apiFailure.ts';
import { controlRoutes } from './controlRoutes.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { jobRoutes } from './jobRoutes.ts';
import { legacyRoutes } from './legacyRoutes.ts';
import { publicRoutes } from './publicRoutes.ts';
import { uploadRoutes } from './uploadRoutes.ts';
import { usageRoutes } from './usageRoutes.ts';

/** A JSON body may carry a background image in a `data:` URL. */
const JSON_LIMIT_BYTES = 20_000_000;

const JSON_PATHS = ['/v1/jobs/*', '/v1/admin/*', '/api/process', '/sandbox/*'];

/** The service's endpoints. Every answer that is no success carries the error envelope. */
export function createApp(deps: HttpDeps): Hono<HttpEnv> {
  const { behaviour } = deps;
  const app = new Hono<HttpEnv>();

  if (behaviour.cors) app.use(cors());
  if (behaviour.requestIdHeader) {
    app.use(async (context, next) => {
      await next();
      if (!context.res.headers.has(REQUEST_ID_HEADER)) {
        context.header(REQUEST_ID_HEADER, newRequestId());
      }
    });
  }
  app.use('/v1/*', requireKey(deps));
  app.use('/v1/admin/*', requireAdmin(deps));
  app.use('/sandbox/*', requireAdmin(deps));
  for (const path of JSON_PATHS) {
    app.use(path, bodyLimit({ maxSize: JSON_LIMIT_BYTES, onError: refuseBody }));
  }

  app.route('/', uploadRoutes(deps));
  app.route('/', jobRoutes(deps));
  app.route('/', usageRoutes(deps));
  app.route('/', adminRoutes(deps));
  app.route('/', controlRoutes(deps));
  app.route('/', legacyRoutes(deps));
  app.route('/', publicRoutes(deps));

  app.notFound(() => errorResponse(new ApiFailure(404, 'not_found', 'Not found'), behaviour));
  app.onError((error) => {
    if (error instanceof ApiFailure) return errorResponse(error, behaviour);
    deps.log(`internal error: ${error.stack ?? String(error)}`);
    return errorResponse(new ApiFailure(500, 'internal_error', 'Processing failed'), behaviour);
  });
  return app;
}

function refuseBody(): never {
  throw invalidRequest('body is too large');
}

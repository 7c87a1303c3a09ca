import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import { ApiFailure, errorResponse, invalidRequest } from './apiFailure.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { jobRoutes } from './jobRoutes.ts';
import { publicRoutes } from './publicRoutes.ts';
import { uploadRoutes } from './uploadRoutes.ts';
import { usageRoutes } from './usageRoutes.ts';

/** A JSON body may carry a background image in a `data:` URL. */
const JSON_LIMIT_BYTES = 20_000_000;

/** The service's endpoints. Every answer that is no success carries the error envelope. */
export function createApp(deps: HttpDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();

  app.use('/v1/*', async (context, next) => {
    const key = context.req.header('x-api-key');
    if (key === undefined) throw new ApiFailure(401, 'missing_api_key', 'API key is missing');
    const fingerprint = deps.keys.fingerprintOf(key);
    if (fingerprint === undefined) {
      throw new ApiFailure(401, 'invalid_api_key', 'API key is not valid');
    }
    context.set('key', fingerprint);
    await next();
  });
  app.use(
    '/v1/jobs/*',
    bodyLimit({
      maxSize: JSON_LIMIT_BYTES,
      onError: () => {
        throw invalidRequest('body is too large');
      },
    }),
  );

  app.route('/', uploadRoutes(deps));
  app.route('/', jobRoutes(deps));
  app.route('/', usageRoutes(deps));
  app.route('/', publicRoutes(deps));

  app.notFound(() => errorResponse(new ApiFailure(404, 'not_found', 'Not found')));
  app.onError((error) => {
    if (error instanceof ApiFailure) return errorResponse(error);
    deps.log(`internal error: ${error.stack ?? String(error)}`);
    return errorResponse(new ApiFailure(500, 'internal_error', 'Processing failed'));
  });
  return app;
}

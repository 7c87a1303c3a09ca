import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { Hono } from 'hono';

import { originOf, type HttpDeps, type HttpEnv } from './deps.ts';
import { IMAGE_EXTENSIONS, VIDEO_EXTENSIONS } from './mediaTypes.ts';
import { receiveUpload } from './receiveUpload.ts';

/** `POST /v1/uploads` (vendor page: uploads). */
export function uploadRoutes({ behaviour, folder }: HttpDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.post('/v1/uploads', async (context) => {
    const videoId = randomUUID();
    const upload = await receiveUpload(context.env.incoming, {
      limitBytes: behaviour.uploadLimitBytes,
      extensions: behaviour.acceptImageUploads
        ? [...VIDEO_EXTENSIONS, ...IMAGE_EXTENSIONS]
        : VIDEO_EXTENSIONS,
      pathFor: (extension) => folder.upload(`${videoId}${extension}`),
    });
    return context.json({
      success: true,
      video_id: videoId,
      video_url: `${originOf(context)}/uploads/${basename(upload.path)}`,
      filename: upload.originalName,
      size: upload.sizeBytes,
    });
  });
  return routes;
}

import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';
import { Hono, type Context } from 'hono';

import { hasRoom } from '../disk/freeSpace.ts';
import { ApiFailure } from './apiFailure.ts';
import { originOf, type HttpDeps, type HttpEnv } from './deps.ts';
import { IMAGE_EXTENSIONS, VIDEO_EXTENSIONS } from './mediaTypes.ts';
import { receiveUpload } from './receiveUpload.ts';

/** `POST /v1/uploads` (vendor page: uploads). */
export function uploadRoutes(deps: HttpDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.post('/v1/uploads', uploadHandler(deps));
  return routes;
}

/** Takes an upload, under whichever path. */
export function uploadHandler({ behaviour, folder, minFreeBytes }: HttpDeps) {
  return async (context: Context<HttpEnv>): Promise<Response> => {
    const { incoming } = context.env;
    const expected = Number(incoming.headers['content-length'] ?? 0);
    if (!(await hasRoom(folder.upload(''), expected, minFreeBytes))) {
      // A client in the middle of sending would see a broken connection instead of the answer.
      await finished(incoming.resume()).catch(() => undefined);
      throw new ApiFailure(507, 'insufficient_storage', 'the sandbox’s disk is nearly full');
    }
    const videoId = randomUUID();
    const upload = await receiveUpload(incoming, {
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
  };
}

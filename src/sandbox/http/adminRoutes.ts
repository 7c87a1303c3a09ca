import { Hono } from 'hono';
import { z } from 'zod';

import type { Account } from '../accounts/account.ts';
import { ApiFailure } from './apiFailure.ts';
import type { HttpDeps, HttpEnv } from './deps.ts';
import { check, readJson } from './jobRequest.ts';

const newKey = z.object({ client_id: z.string().min(1), note: z.string().optional() });
const oneKey = z.object({ key_fingerprint: z.string() });

/** The key endpoints that the SDKs ship (vendor page: admin). They are not for customers. */
export function adminRoutes({ behaviour, book, meter }: HttpDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get('/v1/admin/config', (context) => context.json({ service: 'rbgv sandbox', behaviour }));

  routes.get('/v1/admin/keys', (context) => context.json({ items: book.all().map(shown) }));

  routes.post('/v1/admin/keys', async (context) => {
    const { client_id, note } = check(newKey, await readJson(context.req));
    const { apiKey, key } = await book.create(client_id, note);
    await meter.welcome(key);
    return context.json({ success: true, api_key: apiKey, ...existing(key) });
  });

  for (const [action, enabled] of [
    ['disable', false],
    ['enable', true],
  ] as const) {
    routes.post(`/v1/admin/keys/${action}`, async (context) => {
      const { key_fingerprint: key } = check(oneKey, await readJson(context.req));
      existing(key);
      await book.switch(key, enabled);
      return context.json({ success: true, ...existing(key) });
    });
  }

  function existing(key: string): ReturnType<typeof shown> {
    const account = book.get(key);
    if (account === undefined) throw new ApiFailure(404, 'not_found', 'Key not found');
    return shown(account);
  }
  return routes;
}

function shown(account: Account) {
  return {
    client_id: account.clientId,
    key_fingerprint: account.key,
    note: account.note ?? null,
    enabled: account.enabled,
    created_at: account.createdAt,
  };
}

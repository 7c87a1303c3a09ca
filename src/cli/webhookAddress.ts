import { RbgvError } from '../core/errors.ts';

/** Where webhooks are listened for unless told. */
export const WEBHOOK_LISTEN = '127.0.0.1:8788';

/**
 * `host:port`; an IPv6 address stands in brackets.
 *
 * @throws RbgvError `bad_webhook_listen`
 */
export function parseListenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, digits] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host: host.replace(/^\[|\]$/g, ''), port };
  throw new RbgvError('usage', 'bad_webhook_listen', `\`${text}\` is no address to listen on`, {
    hint: `host and port, such as ${WEBHOOK_LISTEN}`,
  });
}

/**
 * The public address of the receiver: `https`, or `http` on this machine.
 *
 * @throws RbgvError `bad_webhook_url`
 */
export function checkWebhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url.href;
  throw new RbgvError('usage', 'bad_webhook_url', `\`${text}\` cannot be the webhooks' address`, {
    hint: 'the https address under which the service reaches the receiver, without a user name',
  });
}

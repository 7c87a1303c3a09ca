import { RbgvError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { readPrivateFile } from './privateFile.ts';

/**
 * The secrets that sign webhooks: several, white space between them, while one replaces another. A
 * file wins over the environment.
 *
 * @throws RbgvError `no_webhook_secret` when there is none: what is not signed is never believed
 */
export function readWebhookSecrets(environment: Environment): readonly string[] {
  const secrets = textOf(environment).split(/\s+/).filter(Boolean);
  if (secrets.length > 0) return secrets;
  throw new RbgvError('usage', 'no_webhook_secret', 'no webhook secret is set', {
    hint: 'set RBGV_WEBHOOK_SECRET or RBGV_WEBHOOK_SECRET_FILE to what the service signs with',
  });
}

function textOf({ webhookSecretFile: path, webhookSecret }: Environment): string {
  if (path === undefined) return webhookSecret ?? '';
  try {
    return readPrivateFile(path);
  } catch (cause) {
    if (cause instanceof RbgvError) throw cause;
    throw new RbgvError('usage', 'no_webhook_secret', `cannot read the secret file \`${path}\``, {
      cause,
    });
  }
}

/** Control and bidirectional characters: they move the cursor, recolour or reverse a line. */

const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const SIGNED_QUERY = /([?&](?:X-Amz-[\w-]+|Signature|sig|token|Expires)=)[^&\s"']+/gi;

/**
 * Makes text from a server, a file name or an exception safe to print: known secrets (also in URL
 * and base64 spelling) and signed query values removed, control characters shown as `\xNN`.
 *
 * @param secrets full API keys; empty strings are ignored
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ])
    .map((spelling) => spelling.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const safe =
    spellings.length === 0 ? text : text.replace(new RegExp(spellings.join('|'), 'g'), '[key]');
  return safe.replace(SIGNED_QUERY, '$1[removed]');
}

/** One line of text that cannot move the cursor; newlines and tabs become spaces. */
export function printable(text: string, maxLength = 500): string {
  const oneLine = text
    .replace(/[\t\n]/g, ' ')
    .replace(UNSAFE, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return oneLine.length > maxLength ? `${oneLine.slice(0, maxLength - 1)}…` : oneLine;
}

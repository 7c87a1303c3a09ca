import { RbgvError } from './errors.ts';

/** What a person calls the work, for telling whose money it was: `{ customer: 'acme' }`. */
export type Tags = Readonly<Record<string, string>>;

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;
const MOST_TAGS = 16;
const LONGEST_VALUE = 128;

/**
 * Reads `name=value` pairs. Tags stay in rbgv's own books; the service never sees them.
 *
 * @throws RbgvError `bad_tag`
 */
export function parseTags(texts: readonly string[]): Tags {
  const tags: Record<string, string> = {};
  for (const text of texts) {
    const cut = text.indexOf('=');
    const name = text.slice(0, Math.max(cut, 0));
    const value = text.slice(cut + 1).trim();
    if (!isTagName(name)) throw refuse(text, 'its name is not lower-case letters, digits, - and _');
    if (value === '' || value.length > LONGEST_VALUE || /\p{Cc}/u.test(value)) {
      throw refuse(text, 'its value is empty, too long or not plain text');
    }
    if (tags[name] !== undefined && tags[name] !== value) {
      throw refuse(text, `\`${name}\` is \`${tags[name]}\` already`);
    }
    tags[name] = value;
  }
  if (Object.keys(tags).length > MOST_TAGS) throw refuse('--tag', `at most ${MOST_TAGS} tags`);
  return tags;
}

/** 1 to 32 lower-case letters, digits, dashes and underscores, a letter first. */
export function isTagName(text: string): boolean {
  return NAME.test(text);
}

function refuse(text: string, reason: string): RbgvError {
  return new RbgvError('usage', 'bad_tag', `the tag \`${text}\` is refused: ${reason}`, {
    hint: 'for example: --tag customer=acme --tag feature=hero',
  });
}

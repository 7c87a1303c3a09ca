import { printable } from '../core/redact.ts';

/** Markup that is safe to put into a page: made by `html` alone. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[] | undefined;

const LONGEST_TEXT = 2_000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Markup from a template. Every text put into it is escaped, for elements and quoted attributes
 * alike, and its control and bidirectional characters are made visible; `undefined` is nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: parts.map((part, index) => flush(part) + markupOf(values[index])).join('') };
}

/** A template's indentation is for its reader; in ten thousand rows it would be half the page. */
function flush(part: string): string {
  return part.replace(/\s*\n\s*/g, '\n');
}

/** Text of our own (styles, scripts, base64) that goes into a page as it is. */
export function verbatim(markup: string): Html {
  return { markup };
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    return printable(value, LONGEST_TEXT).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
  }
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

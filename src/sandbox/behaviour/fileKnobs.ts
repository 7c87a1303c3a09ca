import { choice, errorStatus, flag, limit, word } from './knob.ts';

/** How files are handed out. */
export const FILE_KNOBS = {
  outputUrlLifetimeSeconds: limit('seconds', 'N9: "treat output_url as time-bound", nothing more'),
  expiredStatus: errorStatus(403, 'N9: what an expired URL answers is not documented'),
  outputHost: word(
    'same',
    'a.1: files come from another host (a CDN); `localhost` is one for a caller of 127.0.0.1',
  ),
  etag: choice(
    ['strong', 'weak', 'none'],
    'strong',
    'N9: the headers of outputs are not documented',
  ),
  ranges: flag(true, 'N9: whether pieces of an output can be fetched is not documented'),
} as const;

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

/** Who may import whom; the rooms are described in ARCHITECTURE.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  pricing: ['core'],
  media: ['core'],
  files: ['core'],
  api: ['core'],
  ledger: ['core'],
  batch: ['core', 'pricing', 'media', 'files', 'api', 'ledger'],
  config: ['core'],
  // Not pricing: a double that shares the estimator's arithmetic cannot catch its mistakes.
  sandbox: ['core', 'api/wire.ts', 'matting'],
  matting: ['core'],
  // Data and pictures are handed to it: a page can be made without ledger, ffmpeg or disk.
  report: ['core'],
  cli: [
    'core',
    'pricing',
    'media',
    'files',
    'api',
    'ledger',
    'batch',
    'config',
    'sandbox',
    'matting',
    'report',
  ],
};

/** Packages with one home: the rooms in which they may be imported. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli'],
  ora: ['cli'],
  'cli-table3': ['cli'],
  'string-width': ['cli'],
  conf: ['config'],
  got: ['api'],
  'p-queue': ['core', 'api', 'batch', 'sandbox'],
  libsql: ['ledger'],
  'fluent-ffmpeg': ['media'],
  execa: ['media', 'matting'],
  mediabunny: ['media', 'matting'],
  tinyglobby: ['files'],
  hono: ['sandbox'],
  '@hono/node-server': ['sandbox'],
  busboy: ['sandbox'],
};

/** Globals that make code hard to test: the files in which they may be used. */
const GLOBAL_HOMES: readonly { readonly text: RegExp; readonly homes: RegExp }[] = [
  { text: /\bprocess\.env\b/, homes: /^config\/environment\.ts$/ },
  { text: /\bDate\.now\b/, homes: /^core\/clock\.ts$/ },
  // The global: a connection's own idle limit is no clock.
  { text: /(?<!\.)\bsetTimeout\b/, homes: /^core\/clock\.ts$/ },
  { text: /\bMath\.random\b/, homes: /^cli\// },
  { text: /\bconsole\./, homes: /^$/ },
  { text: /\bprocess\.exit\(/, homes: /^cli\/signals\.ts$/ },
  { text: /x-api-key/i, homes: /^(api\/(httpApi|probes)\.ts$|sandbox\/)/ },
  { text: /shell: true/, homes: /^$/ },
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));

const roomOf = (name: string): string => name.split('/')[0] ?? '';

test('rooms import only the rooms that the table allows', () => {
  const breaches = files.flatMap(({ name, text }) =>
    ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(SRC, join(SRC, name, '..', target)))
      .filter((target) => !target.startsWith('..') && roomOf(target) !== roomOf(name))
      .filter((target) => {
        const allowed = MAY_IMPORT[roomOf(name)] ?? [];
        return !allowed.includes(roomOf(target)) && !allowed.includes(target);
      })
      .map((target) => `${name} imports ${target}`),
  );
  expect(breaches).toEqual([]);
});

test('libraries stay in the rooms that are their home', () => {
  const breaches = files.flatMap(({ name, text }) =>
    ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((target) => PACKAGE_HOMES[target]?.includes(roomOf(name)) === false)
      .map((target) => `${name} imports ${target}`),
  );
  expect(breaches).toEqual([]);
});

test('time, chance, the environment and the key each have one home', () => {
  const breaches = files.flatMap(({ name, text }) =>
    GLOBAL_HOMES.filter(({ text: global, homes }) => global.test(text) && !homes.test(name)).map(
      ({ text: global }) => `${name} uses ${global.source}`,
    ),
  );
  expect(breaches).toEqual([]);
});

test('the table knows every room there is', () => {
  const rooms = new Set(files.map(({ name }) => roomOf(name)));
  expect([...rooms].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

import { readFileSync, statSync } from 'node:fs';

import { createHttpApi } from '../src/api/httpApi.ts';

/** Uploads one file and prints the peak of its own resident memory in kB. */
const [baseUrl = '', path = ''] = process.argv.slice(2);
const api = createHttpApi({ baseUrl, apiKey: 'bench', userAgent: 'rbgv-test' });
const sizeBytes = statSync(path).size;
const source = { path, fileName: 'clip.mp4', sizeBytes, onProgress: () => undefined };
await api.upload(source, new AbortController().signal);
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
console.log(peak?.[1] ?? 'NaN');
process.exit();

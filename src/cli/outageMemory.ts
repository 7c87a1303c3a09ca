import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { OutageMemory } from '../api/breaker.ts';
import { placeName } from './placeName.ts';

/**
 * Until when a service is left in peace, for the next process: an unattended loop around rbgv must
 * not hammer a service that is down. A small file in the state folder; only an aid, so a disk that
 * refuses it is no reason to stop.
 */
export function openOutageMemory(stateDir: string, scope: string): OutageMemory {
  const path = join(stateDir, `outage-${placeName(scope)}`);
  return {
    read() {
      try {
        return Number(readFileSync(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    write(openUntil) {
      try {
        if (openUntil === undefined) {
          rmSync(path, { force: true });
          return;
        }
        mkdirSync(stateDir, { recursive: true, mode: 0o700 });
        writeFileSync(path, String(Math.round(openUntil)));
      } catch {
        // The next process finds out by itself.
      }
    },
  };
}

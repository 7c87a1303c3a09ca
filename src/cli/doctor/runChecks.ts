import { RbgvError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { checkKeyAge, checkLedger, checkResults, checkTools } from './machineChecks.ts';
import { fail, type Finding } from './finding.ts';
import { checkService } from './serviceChecks.ts';

/** Everything that can be known without spending anything; a check that breaks is a finding. */
export async function runChecks(context: Context): Promise<readonly Finding[]> {
  const groups: readonly (readonly [string, () => Promise<readonly Finding[]>])[] = [
    ['ffmpeg', () => checkTools(context)],
    ['ledger', () => checkLedger(context)],
    ['results', () => checkResults(context)],
    ['key', () => Promise.resolve(checkKeyAge(context))],
    ['service', () => checkService(context)],
  ];
  const findings: Finding[] = [];
  for (const [name, check] of groups) {
    try {
      findings.push(...(await check()));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const hint = error instanceof RbgvError ? error.hint : undefined;
      findings.push(fail(name, reason, hint ?? 'see the message'));
    }
  }
  return findings;
}

import { runChecks } from '../doctor/runChecks.ts';
import { askProbes } from '../doctor/askProbes.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';

export interface DoctorOptions {
  readonly json?: boolean;
  readonly probe?: boolean;
  /** Agree to the probes that cost. */
  readonly yes?: boolean;
  readonly profile?: string | undefined;
}

/**
 * `rbgv doctor`: what is in use here and whether it works, each finding with what mends it; with
 * `--probe` also the questions that the vendor's pages leave open, put to the service itself.
 * Without `--probe` it sends nothing that costs.
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const findings = await runChecks(context);
  const isWell = findings.every(({ status }) => status !== 'fail');
  if (options.json === true) {
    const report = { version: 1, profile: profile.name, passed: isWell, checks: findings };
    terminal.out(JSON.stringify(report, null, 2));
  } else {
    for (const { status, name, detail, fix } of findings) {
      const mark = status === 'ok' ? 'ok  ' : status === 'warn' ? 'warn' : 'FAIL';
      terminal.out(`${mark}  ${name.padEnd(8)}  ${terminal.safe(detail)}`);
      if (fix !== undefined) terminal.out(`${' '.repeat(16)}${terminal.safe(fix)}`);
    }
  }
  const answered = options.probe === true && isWell ? await askProbes(options, context) : true;
  return exitCode(isWell && answered ? 'ok' : 'check');
}

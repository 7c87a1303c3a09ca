import { hashOutput, stampOutput } from '../../files/outputStamp.ts';
import type { Delivery } from '../../ledger/ledger.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { createProgressLine } from '../report/progressLine.ts';

export interface VerifyOptions {
  readonly json?: boolean;
  readonly profile?: string | undefined;
}

type Finding = 'whole' | 'missing' | 'changed';

/** `rbgv verify`: reads every output again and compares it with what was checked and published. */
export async function verify(options: VerifyOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const ledger = await context.ledger();
  const deliveries = ledger.allDeliveries(profile.scope);
  ledger.close();
  const progress = createProgressLine(terminal);
  const findings: { readonly path: string; readonly finding: Finding }[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    progress.update(`reading outputs: ${index + 1}/${deliveries.length}`);
    findings.push({ path: delivery.path, finding: await inspect(delivery) });
  }
  progress.stop();
  const count = (wanted: Finding): number =>
    findings.filter(({ finding }) => finding === wanted).length;
  const sums = { whole: count('whole'), missing: count('missing'), changed: count('changed') };
  if (options.json === true) {
    const report = { version: 1, profile: profile.name, ...sums, outputs: findings };
    terminal.out(JSON.stringify(report, null, 2));
  } else {
    for (const { path, finding } of findings) {
      if (finding !== 'whole') terminal.out(`${finding}  ${terminal.safe(path)}`);
    }
    terminal.out(`${sums.whole} whole, ${sums.missing} missing, ${sums.changed} changed`);
    if (sums.missing > 0) {
      terminal.err('\nhint: the run that made a missing output fetches it again, without paying');
    }
  }
  return exitCode(sums.whole === deliveries.length ? 'ok' : 'check');
}

async function inspect({ path, sha256, sizeBytes }: Delivery): Promise<Finding> {
  const stamp = await stampOutput(path);
  if (stamp === undefined) return 'missing';
  if (stamp.sizeBytes !== sizeBytes) return 'changed';
  return (await hashOutput(path)) === sha256 ? 'whole' : 'changed';
}

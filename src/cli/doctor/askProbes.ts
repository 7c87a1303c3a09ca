import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PROBES } from '../../api/probes.ts';
import { credits, creditsFor, formatCredits } from '../../core/credits.ts';
import { makeSmokeClip } from '../../media/makeSmokeClip.ts';
import { confirm } from '../confirm.ts';
import type { Context } from '../context.ts';
import { watchSignals } from '../signals.ts';

/**
 * Puts the questions that the vendor's pages leave open to the service; asks a person before each
 * that costs, unless `yes`.
 *
 * @returns whether each that was asked got an answer
 */
export async function askProbes(
  options: { readonly yes?: boolean },
  context: Context,
): Promise<boolean> {
  const { terminal, clock } = context;
  const interruption = watchSignals(() => undefined);
  const { signal } = interruption;
  const service = await context.openService(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-doctor-'));
  try {
    const tariff = await context.tariff(service, signal);
    const second = creditsFor(1_000_000, tariff.perMinute.light, 'exact');
    const clipPath = join(folder, 'probe.mp4');
    await makeSmokeClip(clipPath, await context.tools());
    const subject = {
      ...service.connection,
      clipPath,
      clipBytes: (await stat(clipPath)).size,
      signal,
      sleep: (ms: number) => clock.sleep(ms, signal),
    };
    let answered = true;
    for (const probe of PROBES) {
      if (probe.paidJobs > 0 && options.yes !== true) {
        const most = formatCredits(credits((second * probe.paidJobs) / 1e6));
        const question = `${probe.id}: ${probe.question} May cost ${most} credits. Ask?`;
        if (!(await confirm(question, terminal, signal))) continue;
      }
      try {
        terminal.out(
          `${probe.id}  ${probe.question}\n    ${terminal.safe(await probe.run(subject))}`,
        );
      } catch (error) {
        answered = false;
        const reason = error instanceof Error ? error.message : String(error);
        terminal.out(`${probe.id}  ${probe.question}\n    no answer: ${terminal.safe(reason)}`);
      }
    }
    return answered;
  } finally {
    interruption.dispose();
    await service.close();
    await rm(folder, { recursive: true, force: true });
  }
}

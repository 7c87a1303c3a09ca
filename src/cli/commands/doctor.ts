import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PROBES } from '../../api/probes.ts';
import { credits, creditsFor, formatCredits } from '../../core/credits.ts';
import { makeSmokeClip } from '../../media/makeSmokeClip.ts';
import { confirm } from '../confirm.ts';
import { createContext, type Context } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';

export interface DoctorOptions {
  readonly probe?: boolean;
  /** Agree to the probes that cost. */
  readonly yes?: boolean;
  readonly profile?: string | undefined;
}

/**
 * `rbgv doctor`: what is in use here; with `--probe` the questions that the vendor's pages leave
 * open, put to the service itself.
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const context = createContext(options);
  const { terminal, profile } = context;
  const tools = await context.tools();
  terminal.out(
    `profile  ${profile.name}${profile.kind === 'remote' ? `, ${profile.baseUrl}` : ''}`,
  );
  terminal.out(`ffmpeg   ${tools.ffmpegPath} (${tools.origin})`);
  terminal.out(`ffprobe  ${tools.ffprobePath}`);
  const ledger = await context.ledger();
  terminal.out(
    `ledger   ${context.environment.stateDir}, ${ledger.runs(1000).length} runs, readable`,
  );
  ledger.close();
  const healthy = await probeService(options, context);
  return exitCode(healthy ? 'ok' : 'check');
}

async function probeService(options: DoctorOptions, context: Context): Promise<boolean> {
  const { terminal, clock } = context;
  const interruption = watchSignals(() => undefined);
  const { signal } = interruption;
  const service = await context.openService(() => undefined, { idle: options.probe !== true });
  const folder = await mkdtemp(join(tmpdir(), 'rbgv-doctor-'));
  try {
    await service.api.health(signal);
    terminal.out('service  answers');
    if (options.probe !== true) return true;
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

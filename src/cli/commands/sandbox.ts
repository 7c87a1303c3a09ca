import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { RbgvError } from '../../core/errors.ts';
import type { Behaviour } from '../../sandbox/behaviour.ts';
import { explainBehaviour } from '../../sandbox/behaviour/explainBehaviour.ts';
import { parseBehaviour, parseBehaviourFlags } from '../../sandbox/behaviour/parseBehaviour.ts';
import { parseFaults } from '../../sandbox/faults/parseFaults.ts';
import { simulatedWork } from '../../sandbox/simulatedWork.ts';
import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { SANDBOX_KEY, startLocalSandbox, type LocalSandboxOptions } from '../localSandbox.ts';
import { parseServiceTime } from '../serviceTime.ts';
import { watchSignals } from '../signals.ts';

export interface SandboxCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly dataDir?: string;
  readonly workers: number;
  /** JSON file of knobs. */
  readonly behaviour?: string;
  /** `name=value`, each wins over the file. */
  readonly knob?: readonly string[];
  readonly explain?: boolean;
  /** JSON file of faults. */
  readonly faults?: string;
  readonly seed?: number;
  readonly credits?: number;
  readonly allowFetch?: boolean;
  readonly retentionHours?: number;
  /** Megabytes that stay free on the disk. */
  readonly minFree?: number;
  /** `fixed:3`, `lognormal:10,0.5` or `per-second:0.5`. */
  readonly simulate?: string;
  readonly clockScale?: number;
  readonly quiet?: boolean;
}

/** `rbgv sandbox`: the local service on its own, until it is told to stop. */
export async function sandbox(options: SandboxCommandOptions): Promise<number> {
  const context = createContext({ profile: 'sandbox' });
  const { terminal, environment } = context;
  if (options.explain === true) {
    terminal.out(explainBehaviour());
    return exitCode('ok');
  }
  const dataDir = resolve(options.dataDir ?? join(environment.stateDir, 'sandbox-server'));
  const adminToken = environment.sandboxAdminToken ?? randomBytes(12).toString('hex');
  const given = await settingsOf(options);
  const log = (line: string): void => {
    if (options.quiet !== true) terminal.err(terminal.safe(line));
  };
  const server = await startLocalSandbox(
    {
      ...given,
      dataDir,
      adminToken,
      log,
      ...(environment.sandboxWebhookSecret === undefined
        ? {}
        : { webhookSecret: environment.sandboxWebhookSecret }),
    },
    await context.tools(),
    context.store.engine(),
  );
  const interruption = watchSignals(() => {
    terminal.err('stopping');
  });
  if (!/^(127\.|localhost$|::1$)/.test(options.host)) {
    terminal.err(`warning: other machines can reach this server on \`${options.host}\``);
  }
  terminal.out(`sandbox at ${server.url}`);
  terminal.out(`  key    ${SANDBOX_KEY}`);
  terminal.out(`  admin  ${adminToken}`);
  terminal.out(`  data   ${dataDir}`);
  const environmentText = `RBGV_BASE_URL=${server.url} REMOVEBGVIDEO_API_KEY=${SANDBOX_KEY}`;
  terminal.out(`  try    ${environmentText} rbgv run --profile production <clips>`);
  await new Promise<void>((resolveStop) => {
    interruption.signal.addEventListener('abort', () => resolveStop(), { once: true });
  });
  interruption.dispose();
  await server.close();
  return interruption.exitCode() === 143 ? 143 : exitCode('ok');
}

/** Flags to options; a file of knobs or faults is checked whole before the server starts. */
async function settingsOf(
  options: SandboxCommandOptions,
): Promise<Omit<LocalSandboxOptions, 'dataDir'>> {
  const behaviour: Partial<Behaviour> = {
    ...(options.behaviour === undefined ? {} : parseBehaviour(await readJson(options.behaviour))),
    ...parseBehaviourFlags(options.knob ?? []),
    ...(options.allowFetch === true ? { allowFetch: true } : {}),
    ...(options.credits === undefined ? {} : { startingCredits: options.credits }),
  };
  const plan =
    options.faults === undefined ? undefined : parseFaults(await readJson(options.faults));
  const seed = options.seed ?? plan?.seed;
  const { host, port, workers, retentionHours, minFree, simulate, clockScale = 1 } = options;
  return {
    host,
    port,
    workers,
    behaviour,
    ...(plan === undefined ? {} : { faults: plan.faults }),
    ...(seed === undefined ? {} : { seed }),
    ...(retentionHours === undefined ? {} : { retentionHours }),
    ...(minFree === undefined ? {} : { minFreeBytes: minFree * 1e6 }),
    ...(simulate === undefined
      ? {}
      : {
          work: simulatedWork({
            service: parseServiceTime(simulate),
            clockScale,
            ...(seed === undefined ? {} : { seed }),
          }),
        }),
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new RbgvError('usage', 'bad_json_file', `cannot read \`${path}\` as JSON`, {
      hint: 'rbgv sandbox --explain lists what a file of knobs may hold',
      cause: error,
    });
  }
}

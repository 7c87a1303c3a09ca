import { join, resolve } from 'node:path';

import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { watchSignals } from '../signals.ts';

export interface SandboxCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly dataDir?: string;
  readonly workers: number;
}

/** `rbgv sandbox`: the local service on its own, until it is told to stop. */
export async function sandbox(options: SandboxCommandOptions): Promise<number> {
  const context = createContext({ profile: 'sandbox' });
  const { terminal, environment } = context;
  const { startEmbeddedSandbox, SANDBOX_KEY } = await import('../embeddedSandbox.ts');
  const dataDir = resolve(options.dataDir ?? join(environment.stateDir, 'sandbox-server'));
  const server = await startEmbeddedSandbox(
    {
      dataDir,
      host: options.host,
      port: options.port,
      workers: options.workers,
      log: (line) => {
        terminal.err(terminal.safe(line));
      },
    },
    await context.tools(),
  );
  const interruption = watchSignals(() => {
    terminal.err('stopping');
  });
  if (!/^(127\.|localhost$|::1$)/.test(options.host)) {
    terminal.err(`warning: other machines can reach this server on \`${options.host}\``);
  }
  terminal.out(`sandbox at ${server.url}`);
  terminal.out(`  key   ${SANDBOX_KEY}`);
  terminal.out(`  data  ${dataDir}`);
  terminal.out(
    `  try   RBGV_BASE_URL=${server.url} REMOVEBGVIDEO_API_KEY=${SANDBOX_KEY} rbgv run --profile production <clips>`,
  );
  await new Promise<void>((resolveStop) => {
    interruption.signal.addEventListener('abort', () => resolveStop(), { once: true });
  });
  interruption.dispose();
  await server.close();
  return interruption.exitCode() === 143 ? 143 : exitCode('ok');
}

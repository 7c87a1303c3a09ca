import { RbgvError } from '../../core/errors.ts';
import { createContext, type Context } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import type { AskedValues, CommandInfo } from '../help/commandTree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletionOptions {
  readonly shell?: Shell;
  readonly values?: AskedValues;
}

/** How many runs a shell offers. */
const RECENT_RUNS = 20;

/**
 * `rbgv completion <shell>`: prints a script for the shell, which asks `--values` for the names that
 * only this machine knows.
 */
export async function completion(options: CompletionOptions, tree: CommandInfo): Promise<number> {
  const context = createContext({ profile: 'sandbox' });
  const lines =
    options.values === undefined
      ? [(await script(options.shell, tree)).trimEnd()]
      : await valuesOf(options.values, context);
  for (const line of lines) context.terminal.out(line);
  return exitCode('ok');
}

async function script(shell: Shell | undefined, tree: CommandInfo): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('../help/bashCompletion.ts')).bashCompletion(tree);
    case 'zsh':
      return (await import('../help/zshCompletion.ts')).zshCompletion(tree);
    case 'fish':
      return (await import('../help/fishCompletion.ts')).fishCompletion(tree);
    case undefined:
      throw new RbgvError('usage', 'no_shell', 'name a shell: bash, zsh or fish', {
        hint: 'for example, in ~/.bashrc: source <(rbgv completion bash)',
      });
  }
}

async function valuesOf(values: AskedValues, context: Context): Promise<readonly string[]> {
  if (values === 'profiles') {
    return [...new Set(['sandbox', 'production', ...context.store.profileNames()])];
  }
  const ledger = await context.ledger();
  try {
    return ledger.runs(RECENT_RUNS).map(({ id }) => id);
  } finally {
    ledger.close();
  }
}

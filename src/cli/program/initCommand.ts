import type { Command } from 'commander';

import { exitStatusHelp } from '../exitCodes.ts';
import type { Wiring } from './wiring.ts';

/** The first command that a newcomer needs. */
export function addInitCommand(program: Command, { done, globals }: Wiring): void {
  program
    .command('init')
    .description('set rbgv up: take a key, check it, look at this machine')
    .argument('[paths...]', 'clips for a first estimate')
    .option('--keychain', "keep the key in the system's keychain")
    .addHelpText('after', exitStatusHelp())
    .action(async (paths: string[], options: { keychain?: boolean }) => {
      const { init } = await import('../commands/init.ts');
      done(await init({ paths, ...options, ...globals() }));
    });
}

import { Command } from 'commander';

import packageJson from '../../package.json' with { type: 'json' };
import type { GlobalOptions } from './context.ts';
import { exampleText } from './help/examples.ts';
import { topicList } from './help/topics.ts';
import { addBookCommands } from './program/bookCommands.ts';
import { addCheckCommands } from './program/checkCommands.ts';
import { addInitCommand } from './program/initCommand.ts';
import { addSetupCommands } from './program/setupCommands.ts';
import { addWorkCommands } from './program/workCommands.ts';

/**
 * The command line as data: flags and help. Each action loads its command only when it runs.
 *
 * @param done receives the exit code of the command that ran
 */
export function createProgram(done: (code: number) => void): Command {
  const program = new Command('rbgv')
    .description('Batch video background removal, with estimates first and every clip paid once.')
    .version(packageJson.version)
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .option('--profile <profile>', 'sandbox, production, or one of your own (RBGV_PROFILE)')
    .option('--debug', 'show every request, without keys and signatures')
    .option('--debug-file <file>', 'write the same into a file')
    .addHelpText(
      'after',
      `
Without an API key rbgv works in its own local sandbox: no network, no credits.

${topicList()}
`,
    );
  const wiring = { done, globals: () => program.opts<GlobalOptions>() };
  for (const add of [
    addInitCommand,
    addWorkCommands,
    addBookCommands,
    addCheckCommands,
    addSetupCommands,
  ]) {
    add(program, wiring);
  }
  for (const { path, command } of [
    { path: '', command: program },
    ...program.commands.map((command) => ({ path: command.name(), command })),
  ]) {
    command.addHelpText('before', () => exampleText(path));
  }
  return program;
}

import { Argument, Option, type Command } from 'commander';

import packageJson from '../../../package.json' with { type: 'json' };
import type { CompletionOptions } from '../commands/completion.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import { ASKED_VALUES, commandTree } from '../help/commandTree.ts';
import type { Wiring } from './wiring.ts';

/** Settings, learned models, and help. */
export function addSetupCommands(program: Command, { done }: Wiring): void {
  const config = program
    .command('config')
    .description('stored settings, profiles and keys')
    .addHelpText('after', exitStatusHelp());
  const configAction =
    (action: string) =>
    async (...given: unknown[]): Promise<void> => {
      const { config: runConfig } = await import('../commands/config.ts');
      done(
        await runConfig(
          action,
          given.filter((value) => typeof value === 'string'),
          given.some((value) => typeof value === 'object' && value !== null && 'keychain' in value),
        ),
      );
    };
  config
    .command('list')
    .description('everything, keys as fingerprints')
    .action(configAction('list'));
  config.command('path').description('where it is stored').action(configAction('path'));
  config.command('get <name>').description('one setting').action(configAction('get'));
  config.command('set <name> <value>').description('store a setting').action(configAction('set'));
  config.command('unset <name>').description('forget a setting').action(configAction('unset'));
  config
    .command('set-profile <name> <url>')
    .description('make or change a profile')
    .action(configAction('set-profile'));
  config
    .command('set-key [profile]')
    .description('store an API key, read from standard input')
    .option('--keychain', "in the system's keychain instead of a file that only you can read")
    .action(configAction('set-key'));
  config
    .command('unset-key [profile]')
    .description('forget an API key')
    .action(configAction('unset-key'));

  const engine = program
    .command('engine')
    .description('what removes backgrounds in the local sandbox: built in, or a model of yours')
    .addHelpText('after', exitStatusHelp());
  engine
    .command('use')
    .argument('<file.onnx>', 'RobustVideoMatting interface, or picture in and opacity out')
    .description('work with a learned model; needs onnxruntime-node')
    .option('--runtime <folder>', 'where onnxruntime-node is; default: here, or global')
    .action(async (file: string, options: { readonly runtime?: string }) => {
      const { takeEngine } = await import('../commands/engine.ts');
      done(await takeEngine(file, options));
    });
  engine
    .command('show')
    .description('what it works with now')
    .action(async () => {
      const { showEngine } = await import('../commands/engine.ts');
      done(await showEngine());
    });
  engine
    .command('reset')
    .description('back to the built-in engine')
    .action(async () => {
      const { resetEngine } = await import('../commands/engine.ts');
      done(resetEngine());
    });

  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('[shell]').choices(['bash', 'zsh', 'fish']))
    .addOption(new Option('--values <of>').choices(ASKED_VALUES).hideHelp())
    .addHelpText('after', exitStatusHelp())
    .action(
      async (shell: CompletionOptions['shell'], options: Pick<CompletionOptions, 'values'>) => {
        const { completion } = await import('../commands/completion.ts');
        done(
          await completion(
            { ...options, ...(shell === undefined ? {} : { shell }) },
            commandTree(program),
          ),
        );
      },
    );

  program
    .command('help')
    .description('help on a command or a topic')
    .argument('[topic...]', 'a command, or one of the topics listed by `rbgv help`')
    .action(async (words: string[]) => {
      const { help } = await import('../commands/help.ts');
      done(help(words, program));
    });

  program
    .command('manual', { hidden: true })
    .description('print the manual page, in roff')
    .action(async () => {
      const { manPage } = await import('../help/manPage.ts');
      process.stdout.write(manPage(commandTree(program), packageJson.version));
      done(0);
    });
}

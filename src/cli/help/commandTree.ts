import type { Argument, Command, Option } from 'commander';

import { TOPICS } from './topics.ts';

/** What may stand in a place of the command line, for a shell that completes it. */
export type ValueKind =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /** Asked of rbgv when needed: `rbgv completion --values <of>`. */
  | { readonly kind: 'asked'; readonly of: AskedValues }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'none' };

/** Names that only this machine knows. */
export const ASKED_VALUES = ['profiles', 'runs'] as const;
export type AskedValues = (typeof ASKED_VALUES)[number];

export interface OptionInfo {
  /** As help prints it: `-o, --output-dir <folder>`. */
  readonly flags: string;
  /** `-o` and `--output-dir`, those that exist. */
  readonly names: readonly string[];
  readonly description: string;
  /** `undefined` for a switch. */
  readonly value: ValueKind | undefined;
  readonly environment: string | undefined;
}

/** A command as data: what help, completion and the manual page are made of. */
export interface CommandInfo {
  readonly name: string;
  /** As typed after `rbgv`: `config set-key`; empty for rbgv itself. */
  readonly path: string;
  readonly description: string;
  /** As help prints it, without the program: `run [options] <paths...>`. */
  readonly usage: string;
  readonly options: readonly OptionInfo[];
  /** The kind of each argument; the last one repeats when `isVariadic`. */
  readonly arguments: readonly ValueKind[];
  readonly isVariadic: boolean;
  readonly subcommands: readonly CommandInfo[];
}

/** Reads the commands, options and arguments that a program declares. */
export function commandTree(command: Command, parents: readonly string[] = []): CommandInfo {
  const isRoot = command.parent === null;
  const words = isRoot ? [] : [...parents, command.name()];
  const help = command.createHelp();
  return {
    name: command.name(),
    path: words.join(' '),
    description: command.description(),
    usage: [...words, command.usage()].join(' '),
    options: help.visibleOptions(command).map(optionInfo),
    arguments: command.registeredArguments.map(argumentKind),
    isVariadic: command.registeredArguments.at(-1)?.variadic ?? false,
    subcommands: help.visibleCommands(command).map((subcommand) => commandTree(subcommand, words)),
  };
}

/** A command and everything below it, in the order of help. */
export function flattened(command: CommandInfo): readonly CommandInfo[] {
  return [command, ...command.subcommands.flatMap(flattened)];
}

function optionInfo(option: Option): OptionInfo {
  const placeholder = /[<[]([^\]>]+)/.exec(option.flags)?.[1];
  return {
    flags: option.flags,
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: option.description,
    value: placeholder === undefined ? undefined : valueKind(option, placeholder),
    environment: option.envVar,
  };
}

function argumentKind(argument: Argument): ValueKind {
  return valueKind(argument, argument.name());
}

function valueKind(
  { argChoices }: { readonly argChoices?: readonly string[] | undefined },
  placeholder: string,
): ValueKind {
  if (argChoices !== undefined) return { kind: 'choices', choices: argChoices };
  return BY_PLACEHOLDER[placeholder.replace('...', '')] ?? { kind: 'none' };
}

/** Placeholders are chosen from these words, so that a shell knows what may stand there. */
const BY_PLACEHOLDER: Readonly<Record<string, ValueKind>> = {
  file: { kind: 'files' },
  folder: { kind: 'folders' },
  paths: { kind: 'files' },
  profile: { kind: 'asked', of: 'profiles' },
  run: { kind: 'asked', of: 'runs' },
  topic: { kind: 'choices', choices: Object.keys(TOPICS) },
};

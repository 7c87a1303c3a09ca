import { flattened, type CommandInfo, type OptionInfo, type ValueKind } from './commandTree.ts';

/**
 * A completion script for fish, with descriptions.
 *
 * @param root from `commandTree`
 */
export function fishCompletion(root: CommandInfo): string {
  const lines = flattened(root).flatMap((command) => {
    const condition = conditionOf(command);
    return [
      ...command.subcommands.map(
        ({ name, description }) =>
          `complete -c rbgv -n ${condition} -a ${name} -d ${quoted(description)}`,
      ),
      ...command.options
        .filter(({ names }) => !names.includes('--profile'))
        .map((option) => optionLine(option, condition)),
      ...command.arguments.slice(0, 1).flatMap((value) => {
        const flags = valueFlags(value);
        return value.kind === 'none' ? [] : [`complete -c rbgv -n ${condition} ${flags}`];
      }),
    ];
  });
  const globals = root.options.filter(({ names }) => names.includes('--profile'));
  return `# fish completion for rbgv: rbgv completion fish | source
complete -c rbgv -f
${[...globals.map((option) => optionLine(option)), ...lines].join('\n')}
`;
}

/** When the words typed so far have chosen this command and none below it. */
function conditionOf({ path, subcommands }: CommandInfo): string {
  const words = path.split(' ').filter((word) => word !== '');
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = subcommands.map(({ name }) => name).join(' ');
  const open = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`];
  return `'${[...seen, ...open].join('; and ')}'`;
}

function optionLine({ names, description, value }: OptionInfo, condition?: string): string {
  const flags = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  return [
    'complete -c rbgv',
    ...(condition === undefined ? [] : [`-n ${condition}`]),
    ...flags,
    `-d ${quoted(description)}`,
    ...(value === undefined ? [] : [`-r ${valueFlags(value)}`]),
  ].join(' ');
}

function valueFlags(value: ValueKind): string {
  switch (value.kind) {
    case 'choices':
      return `-f -a '${value.choices.join(' ')}'`;
    case 'asked':
      return `-f -a '(rbgv completion --values ${value.of} 2>/dev/null)'`;
    case 'files':
      return '-F';
    case 'folders':
      return "-f -a '(__fish_complete_directories)'";
    case 'none':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

import { flattened, type CommandInfo, type ValueKind } from './commandTree.ts';

/**
 * A completion script for bash 4 and newer; needs no other package.
 *
 * @param root from `commandTree`
 */
export function bashCompletion(root: CommandInfo): string {
  const commands = flattened(root);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const globals = root.options.filter(({ names }) => !names.includes('--version'));
  const optionCases = commands.flatMap(({ path, options }) =>
    [...options, ...globals].flatMap(({ names, value }) => {
      if (value === undefined) return [];
      const patterns = names.map((name) => `'${path} ${name}'`).join('|');
      return [`    ${patterns}) ${reply(value)}; return ;;`];
    }),
  );
  const words = commands.map(({ path, options, subcommands, ...command }) => {
    const names = [...options, ...globals].flatMap((option) => option.names);
    const first = command.arguments[0];
    const other =
      subcommands.length > 0
        ? reply({ kind: 'choices', choices: subcommands.map(({ name }) => name) })
        : reply(first ?? { kind: 'none' });
    return `    '${path}') if [[ $cur == -* ]]; then ${reply({ kind: 'choices', choices: [...new Set(names)] })}; else ${other}; fi ;;`;
  });
  return `# bash completion for rbgv: source <(rbgv completion bash)
_rbgv() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' i
  COMPREPLY=()
  # bash makes words of its own of \`--model=human\`.
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths.join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
${[...new Set(optionCases)].join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
}
complete -F _rbgv rbgv
`;
}

/** What fills the reply. File names are readline's own business: it quotes them rightly. */
function reply(value: ValueKind): string {
  switch (value.kind) {
    case 'choices':
      return `COMPREPLY=($(compgen -W '${value.choices.join(' ')}' -- "$cur"))`;
    case 'asked':
      return `COMPREPLY=($(compgen -W "$(rbgv completion --values ${value.of} 2>/dev/null)" -- "$cur"))`;
    case 'files':
      return 'compopt -o default';
    case 'folders':
      return 'compopt -o dirnames';
    case 'none':
      return ':';
  }
}

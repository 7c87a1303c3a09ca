import type { CommandInfo, OptionInfo, ValueKind } from './commandTree.ts';

/**
 * A completion script for zsh, with descriptions.
 *
 * @param root from `commandTree`
 */
export function zshCompletion(root: CommandInfo): string {
  return `#compdef rbgv
# zsh completion for rbgv: source <(rbgv completion zsh)
_rbgv_asked() {
  local -a values
  values=(\${(f)"$(rbgv completion --values $1 2>/dev/null)"})
  compadd -a values
}
${functionsOf(root, root.options)}
if [[ $funcstack[1] == _rbgv ]]; then _rbgv "$@"; else compdef _rbgv rbgv; fi
`;
}

function functionsOf(command: CommandInfo, globals: readonly OptionInfo[]): string {
  const isRoot = command.path === '';
  const specs = [...command.options, ...(isRoot ? [] : globals.filter(isGlobal))].map(optionSpec);
  if (command.subcommands.length === 0) {
    const last = command.arguments.length - 1;
    const positions = command.arguments.map((value, index) => {
      const place = index === last && command.isVariadic ? '*' : String(index + 1);
      return `'${place}:${placeName(value)}:${action(value)}'`;
    });
    return `${functionName(command)}() {
  _arguments -s ${[...specs, ...positions].join(' \\\n    ')}
}`;
  }
  const names = command.subcommands.map(({ name, description }) => {
    return `'${name}:${quoted(description)}'`;
  });
  const branches = command.subcommands.map(
    (subcommand) => `      ${subcommand.name}) ${functionName(subcommand)} ;;`,
  );
  return `${command.subcommands.map((subcommand) => functionsOf(subcommand, globals)).join('\n')}
${functionName(command)}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(${names.join('\n    ')})
  _arguments -s -C ${specs.join(' \\\n    ')} \\
    '1:command:{_describe command commands}' '*::argument:->argument'
  if [[ $state == argument ]]; then
    case $words[1] in
${branches.join('\n')}
    esac
  fi
}`;
}

function isGlobal({ names }: OptionInfo): boolean {
  return names.includes('--profile');
}

function functionName({ path }: CommandInfo): string {
  return ['_rbgv', ...path.split(' ').filter((word) => word !== '')].join('_');
}

function optionSpec({ names, description, value }: OptionInfo): string {
  const group =
    names.length > 1 ? `'(${names.join(' ')})'{${names.join(',')}}` : `'${names[0] ?? ''}'`;
  const text = `[${quoted(description).replace(/[[\]]/g, '\\$&')}]`;
  const argument = value === undefined ? '' : `:${placeName(value)}:${action(value)}`;
  return `${group}'${text}${argument}'`;
}

function placeName(value: ValueKind): string {
  return value.kind === 'asked' ? value.of : 'value';
}

function action(value: ValueKind): string {
  switch (value.kind) {
    case 'choices':
      return `(${value.choices.join(' ')})`;
    case 'asked':
      return `{_rbgv_asked ${value.of}}`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'none':
      return ' ';
  }
}

/** For use within single quotes and before a colon. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
}

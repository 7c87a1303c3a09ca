import { flattened, type CommandInfo, type ValueKind } from './commandTree.ts';
import { exampleText } from './examples.ts';
import { TOPICS } from './topics.ts';

/**
 * The manual page rbgv(1), in roff.
 *
 * @param root from `commandTree`
 * @param version of rbgv
 */
export function manPage(root: CommandInfo, version: string): string {
  const commands = flattened(root).filter(({ path }) => path !== '');
  return [
    `.TH RBGV 1 "" "rbgv ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    'rbgv \\- batch video background removal, every clip paid once',
    '.SH SYNOPSIS',
    '.B rbgv',
    '[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    escaped(root.description),
    '.SH OPTIONS',
    ...root.options.flatMap(entry),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS "rbgv ${escaped(command.usage)}"`,
      escaped(command.description),
      ...block(exampleText(command.path)),
      ...command.options.filter(({ names }) => !names.includes('--help')).flatMap(entry),
    ]),
    ...Object.entries(TOPICS).flatMap(([name, { title, text }]) => [
      `.SH ${name.toUpperCase().replace('-', ' ')}`,
      escaped(`${title}.`),
      ...block(text),
    ]),
    '.SH FILES',
    ...entry({ flags: '~/.config/rbgv', description: 'settings, profiles and keys' }),
    ...entry({ flags: '~/.local/state/rbgv', description: 'the ledger, and the sandbox' }),
    '',
  ].join('\n');
}

function entry({
  flags,
  description,
  environment,
  value,
}: {
  readonly flags: string;
  readonly description: string;
  readonly environment?: string | undefined;
  readonly value?: ValueKind | undefined;
}): readonly string[] {
  const choices = value?.kind === 'choices' ? ` (${value.choices.join(', ')})` : '';
  const from = environment === undefined ? '' : ` (environment: ${environment})`;
  return ['.TP', `.B ${escaped(flags)}`, escaped(`${description}${choices}${from}`)];
}

/** Lines that stay as they are. */
function block(text: string): readonly string[] {
  return text === '' ? [] : ['.PP', '.nf', escaped(text.trimEnd()), '.fi'];
}

/** Signs that roff would take for its own; a hyphen must stay one that can be copied. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/gm, '\\&$1');
}

import type { Command } from 'commander';

import { RbgvError } from '../../core/errors.ts';
import { exitCode } from '../exitCodes.ts';
import { TOPICS } from '../help/topics.ts';

/**
 * `rbgv help [command or topic]`.
 *
 * @throws RbgvError `unknown_topic`
 */
export function help(words: readonly string[], program: Command): number {
  const [first] = words;
  const topic = first === undefined ? undefined : TOPICS[first];
  if (topic !== undefined) {
    process.stdout.write(`${topic.title}\n\n${topic.text}\n`);
    return exitCode('ok');
  }
  commandOf(words, program).outputHelp();
  return exitCode('ok');
}

function commandOf(words: readonly string[], program: Command): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((subcommand) => subcommand.name() === word);
    if (next === undefined) {
      throw new RbgvError('usage', 'unknown_topic', `there is no help on \`${words.join(' ')}\``, {
        hint: `topics: ${Object.keys(TOPICS).join(', ')}; commands are listed by \`rbgv help\``,
      });
    }
    command = next;
  }
  return command;
}

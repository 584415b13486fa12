// The command reference: every command's own help text, in the order of the tree.
import type { Command } from 'commander';

const FENCE = '```';

const section = (command: Command, path: readonly string[]): string[] => {
  const name = [...path, command.name()];
  const text: string[] = [];
  command.configureOutput({ writeOut: (part) => text.push(part), getOutHelpWidth: () => 100 }).outputHelp();
  const own = [`## \`${name.join(' ')}\``, `${FENCE}text\n${text.join('').trimEnd()}\n${FENCE}`];
  return [...own, ...command.commands.flatMap((child) => section(child, name))];
};

/** Markdown of the whole tree. */
export const cliReference = (program: Command): string =>
  `${[
    '# Commands',
    'Written by `npm run reference` from the commands themselves. Every command takes `--help`.',
    ...section(program, []),
  ].join('\n\n')}\n`;

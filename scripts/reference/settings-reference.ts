// The table of the node's settings, read off their schema.
import type { ConfigKey } from '../../src/config/config-keys.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string | null): string => (text === null ? '–' : `\`${cell(text)}\``);

/** Markdown: one row per setting. */
export const settingsReference = (keys: readonly ConfigKey[]): string =>
  `${[
    '# Settings of the node',
    'Written by `npm run reference` from the schema. A flag wins over a variable, a variable over the file, the file over the default. The file is YAML, named by `--config` or `RESULTITY_CONFIG`; else `$XDG_CONFIG_HOME/resultity/node.yaml` or `/etc/resultity/node.yaml`.',
    [
      '| in the file | flag | variable | default | accepts | what it does |',
      '| --- | --- | --- | --- | --- | --- |',
      ...keys.map(
        (key) =>
          `| ${code(key.name)} | ${code(key.flag)} | ${code(key.env)} | ${code(key.default)} | ${cell(key.accepts)} | ${cell(key.description)} |`,
      ),
    ].join('\n'),
  ].join('\n\n')}\n`;

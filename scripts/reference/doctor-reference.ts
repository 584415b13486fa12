// The page about `doctor`: its checks and the shape of its JSON, read off the code.
import { z } from 'zod';
import { SCHEMA_VERSION } from '../../src/cli/output.js';
import type { Check } from '../../src/doctor/check.js';
import { doctorReport } from '../../src/doctor/report.js';

const FENCE = '```';

/** Markdown: how to read it, one row per check, and the schema for scripts. */
export const doctorReference = (checks: readonly Check[]): string =>
  `${[
    '# The doctor',
    'Written by `npm run reference` from the checks themselves.',
    '`resultity-node doctor` looks at everything a node rests on: this process, the settings, the data directory, the network, the engines, the GPUs. It takes the settings as `start` does, needs no running node, takes no lock and changes nothing, so it can be run beside a node at work. All checks are made at once; each has a time limit, so it ends within half a minute whatever hangs.',
    [
      '| outcome | means |',
      '| --- | --- |',
      '| ok | seen to be well |',
      '| warning | the node works, though not as well as it could |',
      '| failure | the node does not work, or not for long |',
      '| skipped | does not fit the settings, or waits for another check to pass; the evidence says which |',
    ].join('\n'),
    'Every finding names its evidence, and what is not well a remedy. Secrets and the values of settings that are right are not shown. The exit code is 0 when nothing failed and 3 when something did; warnings do not count.',
    '## Checks',
    [
      '| check | is well when |',
      '| --- | --- |',
      ...checks.map(({ id, about }) => `| \`${id}\` | ${about.replaceAll('|', '\\|')} |`),
    ].join('\n'),
    '## JSON',
    `\`resultity-node doctor --json\` prints one object. Members are added, never changed; \`schemaVersion\` is raised should that ever not hold.\n\n${FENCE}json\n${JSON.stringify(schema(), undefined, 2)}\n${FENCE}`,
  ].join('\n\n')}\n`;

const schema = () => {
  const { properties, required = [], ...rest } = z.toJSONSchema(doctorReport, { io: 'input' }); // what a reader has to accept: more members may come
  return {
    ...rest,
    properties: { schemaVersion: { type: 'integer', const: SCHEMA_VERSION }, ...properties },
    required: ['schemaVersion', ...required],
  };
};

// The configuration the network wants in force: look at it, publish the next one.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type CommandIo, note, printFacts, UsageError } from '../output.js';
import { adminOf, answer, type SharedOptions, shared } from './network-context.js';

export const configCommand = (io: CommandIo): Command =>
  new Command('config')
    .description('the signed configuration of the nodes')
    .addCommand(
      shared(new Command('show').description('print the configuration in force'), [
        'config show',
        "config show --json | jq '.config.snapshot.models[].id'",
      ]).action(async (options: SharedOptions) => {
        const shown = await adminOf(options, io).call('config.show', {});
        answer(io, options, shown, ({ config }) => {
          if (config === null) return note(io, 'No configuration was published yet.');
          note(io, `version ${config.version}, ${config.digest}`);
          io.stdout.write(`${JSON.stringify(config.snapshot, null, 2)}\n`);
        });
      }),
    )
    .addCommand(
      shared(
        new Command('publish')
          .description('check, sign and publish a configuration draft')
          .argument('<file>', 'YAML or JSON'),
        ['config publish models.yaml'],
      ).action(async (file: string, options: SharedOptions) => {
        const draft = await readDraft(file);
        const published = await adminOf(options, io).call('config.publish', { draft });
        answer(io, options, published, ({ version, digest }) => {
          printFacts(io, { Version: String(version), Digest: digest });
          note(io, 'Connected nodes are told now, others when they come back.');
        });
      }),
    );

const readDraft = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`the draft ${file} cannot be read`, {
      advice: 'Name a readable YAML or JSON file.',
      cause,
    });
  }
};

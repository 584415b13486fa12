// The configuration the network wants in force: look at it, publish the next one.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { NodeError } from '../../errors.js';
import { type CommandIo, note, printFacts, printTable, UsageError } from '../output.js';
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
      shared(new Command('draft').description('write the configuration in force as a draft to change'), [
        'config draft > models.yaml',
      ]).action(async (options: SharedOptions) => {
        const drafted = await adminOf(options, io).call('config.draft', {});
        answer(io, options, drafted, ({ version, draft }) => {
          if (version === null) return note(io, 'No configuration was published yet.');
          io.stdout.write(draft);
        });
      }),
    )
    .addCommand(
      shared(
        new Command('check')
          .description('judge a draft and show what it would change; nothing is published')
          .argument('<file>', 'YAML or JSON'),
        ['config check models.yaml'],
      ).action(async (file: string, options: SharedOptions) => {
        const checked = await adminOf(options, io).call('config.check', { draft: await readDraft(file) });
        const { faults, changes, has_more, version } = checked;
        if (faults.length > 0) throw new DraftFaultsError(file, faults);
        answer(io, options, checked, () => {
          if (changes.length === 0) return note(io, `The draft changes nothing in version ${version}.`);
          printTable(
            io,
            ['FIELD', version === null ? 'NOTHING YET' : `VERSION ${version}`, 'DRAFT'],
            changes.map(({ field, before = '-', after = '-' }) => [field, before, after]),
          );
          if (has_more) note(io, 'There are more changes than are listed.');
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

/** A draft that was only looked at has faults. */
class DraftFaultsError extends NodeError {
  readonly code = 'CONFIG_DRAFT';
  readonly retryable = false;

  constructor(file: string, faults: readonly { readonly field: string; readonly reason: string }[]) {
    const lines = faults.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`));
    super(`${file} cannot be published: ${lines.join('; ')}`, { advice: 'Correct the fields named.' });
  }
}

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

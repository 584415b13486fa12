// `init`: makes the key and, where settings were given, the settings file. Safe to run twice: nothing is overwritten.
import { Command } from 'commander';
import { answer, type NodeOptions, settingsOf, withSettings } from './node-options.js';
import { type CommandIo, note, printFacts } from './output.js';

export const initCommand = (io: CommandIo): Command =>
  withSettings(new Command('init').description('make the node’s key, once; shows the node id'), [
    'init',
    'init --data-dir /srv/resultity --passphrase-file /run/secrets/node-passphrase',
  ]).action(async (options: NodeOptions) => {
    const { config } = settingsOf(options, io);
    const { openDataDirectory } = await import('../adapters/state/data-directory.js');
    const { openKey } = await import('../daemon/open-key.js');
    const directory = await openDataDirectory(config.dataDir);
    try {
      const { identity, created, warning } = await openKey(config, () => directory.hasOtherState());
      if (warning !== undefined) note(io, `note: ${warning}`);
      const made = { nodeId: identity.nodeId, created, dataDir: config.dataDir };
      answer(io, options, made, () => {
        printFacts(io, {
          Node: made.nodeId,
          Key: created ? 'made now; it is kept for life, back it up' : 'was there already and opens',
          'Data directory': made.dataDir,
        });
        note(io, 'Next: `resultity-node start --network-url URL`, then `resultity-node claim`.');
      });
    } finally {
      await directory.release();
    }
  });

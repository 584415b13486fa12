// `identity show`: the node's public identity. The key file names its address in the clear, so no passphrase is needed.
import { join } from 'node:path';
import { Command } from 'commander';
import { answer, type NodeOptions, settingsOf, withPlace } from './node-options.js';
import { type CommandIo, printFacts } from './output.js';

export const identityCommand = (io: CommandIo): Command =>
  new Command('identity').description('the node’s identity').addCommand(
    withPlace(new Command('show').description('print the node id; needs no passphrase'), [
      'identity show',
      'identity show --json | jq -r .nodeId',
    ]).action(async (options: NodeOptions) => {
      const { config } = settingsOf(options, io);
      const { readNodeId } = await import('../adapters/identity/read-node-id.js');
      const nodeId = await readNodeId(config.dataDir);
      const identity = { nodeId, keyFile: join(config.dataDir, 'identity.json') };
      answer(io, options, identity, () =>
        printFacts(io, { Node: identity.nodeId, 'Key file': identity.keyFile }),
      );
    }),
  );

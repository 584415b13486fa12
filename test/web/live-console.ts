// A network and a node with its console, as real processes, and the link that opens it.
import { type RunningNode, runHere } from '../e2e/processes.js';
import { startWholeSystem, type WholeSystem, type WholeSystemOptions } from '../e2e/whole-system.js';

export interface LiveConsole extends WholeSystem {
  /** With the token. */
  readonly url: string;
}

/** What `resultity-node console` prints. */
export const consoleUrl = async (node: RunningNode): Promise<string> => {
  const { code, stdout, stderr } = await runHere(['console', '--data-dir', node.dataDir, '--json']);
  if (code !== 0) throw new Error(`the node has no console: ${stderr}`);
  return (JSON.parse(stdout) as { url: string }).url;
};

export const startLiveConsole = async (options: WholeSystemOptions = {}): Promise<LiveConsole> => {
  const system = await startWholeSystem({
    ...options,
    more: ['--console-port', '0', ...(options.more ?? [])],
  });
  return { ...system, url: await consoleUrl(system.node) };
};

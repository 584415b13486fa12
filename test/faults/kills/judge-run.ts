// The end of a run: everything owed is delivered, the node stops, both sides' books are read, and the checker decides.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createControlClient } from '../../../src/console/control-client.js';
import { controlSocketOf } from '../../../src/console/control-socket.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { until } from '../../e2e/processes.js';
import { expectSound } from '../history/check-history.js';
import { History } from '../history/history.js';
import { readNetwork } from '../history/read-network.js';
import { readNode } from '../history/read-node.js';
import { measureDisk, searchFiles, searchText } from '../history/search.js';
import type { NodeLife } from './node-life.js';
import { CANARIES, type World } from './world.js';

/** Of the data directory: models, journal, and what the log has not delivered. */
const DISK_BOUND = 64 * 1024 * 1024;
const JOURNAL = /^networks\/[^/]+\/jobs\//;

export interface Promised {
  readonly name: string;
  readonly leastJobs: number;
  readonly leastFaults: number;
}

/** @param last the life the node ends in. @throws Error with everything that is wrong */
export const judgeRun = async (world: World, promised: Promised, last: NodeLife): Promise<History> => {
  const { history, load, network, nodeDir, directory } = world;
  await until(
    'enough jobs were asked for',
    async () => history.of('asked').length,
    (asked) => asked >= promised.leastJobs,
    60_000,
  );
  await load.settled();
  await world.publish(); // applied, it has the node send its log at once
  const { config: newest } = await network.admin.call('config.show', {});
  const control = createControlClient(controlSocketOf(nodeDir), nodeDir);
  await until(
    'the node owes nothing more, the network has its log, and it follows the newest configuration',
    () => control.status(),
    ({ jobs, reports, config }) =>
      jobs.running + jobs.outbox === 0 && reports.delivered > 0 && config?.version === newest?.version,
    60_000,
  );
  const status = JSON.stringify(await control.status());
  last.kill('SIGTERM');
  const { code } = await last.ended;
  if (code !== 0) throw new Error(`the node ended with ${code}: ${last.stderr()}`);

  const judged = new History();
  const { name, leastJobs, leastFaults } = promised;
  const seed = process.env.FAULTS_SEED ?? 'default';
  judged.add({ kind: 'run', name, seed, least_jobs: leastJobs, least_faults: leastFaults });
  judged.records.push(...history.records);
  const id = await readNetwork(judged, network.dataDir);
  await readNode(judged, nodeDir, id);
  await measureDisk(judged, nodeDir, DISK_BOUND);
  searchText(judged, 'status', status, CANARIES);
  for (const log of ['node.log', 'network.log']) {
    searchText(judged, log, await readFile(join(directory, log), 'latin1'), CANARIES);
  }
  await searchFiles(judged, networkPaths(network.dataDir).reports, CANARIES);
  await searchFiles(judged, nodeDir, CANARIES, (path) => JOURNAL.test(path));
  expectSound(judged);
  return judged;
};

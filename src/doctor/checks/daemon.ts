// Whether a node runs on this data directory, and what it says of itself.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { dataPaths } from '../../adapters/state/data-paths.js';
import type { NodeStatus } from '../../console/node-view.js';
import type { Check } from '../check.js';
import { type Finding, failure, ok, warning } from '../finding.js';
import { configOf } from '../subject.js';

export const daemonState: Check = {
  id: 'daemon.state',
  about: 'The node that runs on this data directory, if one does, answers and has nothing to complain of.',
  limitMs: 8_000,
  ifSlow: 'Stop the node and start it again: it runs, but does not answer.',
  async look(subject) {
    const { dataDir } = configOf(subject);
    const status = await subject.daemon();
    if (status !== undefined) return judge(inNetwork(status, subject.onlyNetwork));
    const pid = await holderOf(dataPaths(dataDir).lock);
    return pid === undefined
      ? ok(`no node is running on ${dataDir}`)
      : warning(
          `process ${pid} holds ${dataDir}, but does not answer`,
          'Wait if the node has only just been started; otherwise stop that process and start the node again.',
        );
  },
};

/** What the node says of that network, and of no other; one that is older than this doctor tells of the first alone. */
const inNetwork = (status: NodeStatus, url: string | undefined): NodeStatus => {
  const one = status.networks?.find((network) => network.url === url);
  if (one === undefined) return status;
  const { stage, idleReason, failure: trouble } = one;
  return { ...status, stage, idleReason, failure: trouble, network: one, networks: [one] };
};

const judge = (status: NodeStatus): Finding => {
  const { stage, pid, agentVersion, idleReason, runtime, failure: trouble } = status;
  const seen = `process ${pid}, version ${agentVersion}, ${stage}, Runtime ${runtime.state}`;
  if (stage === 'halted') {
    return failure(
      `${seen}: ${trouble?.message ?? 'it waits for its owner'}`,
      trouble?.advice ?? 'Look at the log of the node.',
    );
  }
  if (runtime.state === 'quarantined') {
    const advice = runtime.failure?.advice ?? 'Look at the log of the node.';
    return failure(
      `${seen}: ${runtime.failure?.message ?? 'the Runtime was given up'}`,
      `${advice} Then run \`resultity-node retry\`.`,
    );
  }
  const halted = status.networks?.find((one) => one.stage === 'halted');
  if (halted !== undefined) {
    return failure(
      `${seen}: in ${halted.name ?? halted.url}: ${halted.failure?.message ?? 'it waits for its owner'}`,
      halted.failure?.advice ?? 'Look at the log of the node.',
    );
  }
  const { elsewhere } = status.network;
  if (elsewhere !== undefined && elsewhere !== null && !elsewhere.holdsSession) {
    return warning(
      `${seen}; another process tried to connect with this node's key, from ${elsewhere.address}`,
      'Stop the other: a key must be used by one node only, and a data directory must not be copied.',
    );
  }
  if (trouble !== null) {
    return warning(`${seen}: ${trouble.message}`, trouble.advice ?? 'Look at the log of the node.');
  }
  if (runtime.controlled === false) {
    return warning(
      `${seen}: the container engine does not answer the node`,
      'Look at the log of the container engine; jobs go on as long as the Runtime does.',
    );
  }
  return ok(idleReason === null ? seen : `${seen}; no jobs because: ${idleReason}`);
};

const lockText = z.object({ pid: z.int().min(1), host: z.string() });

/** The process that holds the directory. Read, never locked: a node must be able to start while the doctor looks. */
const holderOf = async (path: string): Promise<number | undefined> => {
  try {
    const { pid, host } = lockText.parse(JSON.parse(await readFile(path, 'utf8')));
    return host === hostname() && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined; // no file, or an empty one: nobody holds it
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (caught) {
    return caught instanceof Error && 'code' in caught && caught.code === 'EPERM';
  }
};

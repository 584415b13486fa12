// Containers that carry this node's label, held against whether a node runs and keeps its Runtime in one.
import { readNodeId } from '../../adapters/identity/read-node-id.js';
import { USUAL_CONTAINER_SOCKET } from '../../config/container-settings.js';
import type { Check } from '../check.js';
import { engineReportOf, engineSocketOf } from '../container-engine.js';
import { type Finding, ok, SkipCheck, warning } from '../finding.js';
import { namesOf, removalOf } from '../leftover-containers.js';
import { configOf, type Subject } from '../subject.js';

export const containerLeftovers: Check = {
  id: 'container.leftovers',
  about: 'No container of this node runs without it, or twice.',
  limitMs: 15_000,
  async look(subject) {
    if (configOf(subject).runtime.driver !== 'container') return lookAfterAnotherDriver(subject);
    const socketPath = engineSocketOf(subject);
    await engineReportOf(subject);
    const nodeId = await nodeIdOf(subject);
    const [daemon, found] = await Promise.all([subject.daemon(), subject.nodeContainers(socketPath, nodeId)]);
    const told = namesOf(found);
    const runtimes = found.filter(({ role }) => role === 'runtime').length;
    if (found.length === 0) return ok('none of this node');
    if (daemon !== undefined && runtimes <= 1) return ok(`${told}; its node runs`);
    return warning(
      daemon === undefined ? `${told}; and no node runs` : `${told}; one Runtime is all there should be`,
      `Start the node, which takes over or removes them; or run \`${removalOf(socketPath, found)}\`.`,
    );
  },
};

/** A node that was killed and then given another driver has left its container where it was. */
const lookAfterAnotherDriver = async (subject: Subject): Promise<Finding> => {
  const { driver } = configOf(subject).runtime;
  const nodeId = await nodeIdOf(subject);
  const found = await subject.nodeContainers(USUAL_CONTAINER_SOCKET, nodeId).catch(() => {
    throw new SkipCheck(`the Runtime runs in no container (runtime.driver is ${driver})`);
  });
  if (found.length === 0) return ok('none of this node');
  return warning(
    `${namesOf(found)}; and the Runtime is to run in no container (runtime.driver is ${driver})`,
    `Run \`${removalOf(USUAL_CONTAINER_SOCKET, found)}\`: nothing of this node looks after them.`,
  );
};

const nodeIdOf = (subject: Subject): Promise<string> =>
  readNodeId(configOf(subject).dataDir).catch(() => {
    throw new SkipCheck('the node has no key that can be read, and so no containers');
  });

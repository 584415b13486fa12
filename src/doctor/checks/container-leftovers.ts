// Containers that carry this node's label, held against whether a node runs.
import { readNodeId } from '../../adapters/identity/read-node-id.js';
import type { Check } from '../check.js';
import { engineReportOf, engineSocketOf } from '../container-engine.js';
import { ok, SkipCheck, warning } from '../finding.js';
import { configOf } from '../subject.js';

export const containerLeftovers: Check = {
  id: 'container.leftovers',
  about: 'No container of this node runs without it, or twice.',
  limitMs: 15_000,
  async look(subject) {
    const socketPath = engineSocketOf(subject);
    await engineReportOf(subject);
    const nodeId = await readNodeId(configOf(subject).dataDir).catch(() => {
      throw new SkipCheck('the node has no key that can be read, and so no containers');
    });
    const [daemon, found] = await Promise.all([subject.daemon(), subject.nodeContainers(socketPath, nodeId)]);
    const told = found.map(({ id, role, state }) => `${role} ${id.slice(0, 12)} ${state}`).join(', ');
    const runtimes = found.filter(({ role }) => role === 'runtime').length;
    if (found.length === 0) return ok('none of this node');
    if (daemon !== undefined && runtimes <= 1) return ok(`${told}; its node runs`);
    const names = found.map(({ id }) => id.slice(0, 12)).join(' ');
    return warning(
      daemon === undefined ? `${told}; and no node runs` : `${told}; one Runtime is all there should be`,
      `Start the node, which takes over or removes them; or run \`docker -H unix://${socketPath} rm --force ${names}\`.`,
    );
  },
};

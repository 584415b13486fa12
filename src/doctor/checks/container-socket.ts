// The container engine's socket as a file: whether this user may speak to the engine at all.
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { systemCode } from '../../adapters/state/state-errors.js';
import type { Check } from '../check.js';
import { engineSocketOf } from '../container-engine.js';
import { failure, ok } from '../finding.js';

const START = 'Start the container engine, or set runtime.containerSocket to its socket.';

export const containerSocket: Check = {
  id: 'container.socket',
  about: "The container engine's socket is there, and this user may use it.",
  async look(subject) {
    const path = engineSocketOf(subject);
    const { uid, groups } = subject.process;
    try {
      const found = await stat(path);
      const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
      const group = await groupName(found.gid);
      const seen = `${path}, owner ${found.uid}, group ${group}, mode ${mode}; this is user ${uid ?? 'unknown'}`;
      if (!found.isSocket()) return failure(`${path} is no socket`, START);
      const isAllowed = await access(path, constants.R_OK | constants.W_OK).then(
        () => true,
        () => false,
      );
      return isAllowed
        ? ok(seen)
        : failure(
            `${seen} in groups ${groups.join(', ')}, who may not use it`,
            `Add the user of the node to the group that may: \`usermod -aG ${group} <user>\`, and let it log in again. Whoever may use it is root on this host.`,
          );
    } catch (caught) {
      const reason = systemCode(caught) ?? 'unknown reason';
      if (reason === 'ENOENT') return failure(`${path} is not there`, START);
      return failure(`${path}: ${reason}`, 'Let the user of the node see the directories on this path.');
    }
  },
};

/** Source: group(5). @returns the number where nobody names it */
const groupName = async (gid: number): Promise<string> => {
  const lines = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n');
  const [name] = lines.map((line) => line.split(':')).find(([, , id]) => id === String(gid)) ?? [];
  return name ?? String(gid);
};

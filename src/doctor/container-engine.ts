// The container engine as several checks need it: only where containers are what the Runtime runs in, and only once it
// answers.
import type { HostReport } from '../adapters/runtime-host/runtime-host.js';
import { USUAL_CONTAINER_SOCKET } from '../config/container-settings.js';
import { SkipCheck } from './finding.js';
import { configOf, type Subject } from './subject.js';

/** @throws SkipCheck where the Runtime runs in no container */
export const engineSocketOf = (subject: Subject): string => {
  const { driver, containerSocket } = configOf(subject).runtime;
  if (driver === 'container') return containerSocket ?? USUAL_CONTAINER_SOCKET;
  throw new SkipCheck(`the Runtime runs in no container (runtime.driver is ${driver})`);
};

/** @throws SkipCheck also where the engine cannot be asked; the check `container.engine` tells why */
export const engineReportOf = async (subject: Subject): Promise<HostReport> => {
  const socketPath = engineSocketOf(subject);
  return subject.containerEngine(socketPath).catch(() => {
    throw new SkipCheck('the container engine cannot be asked');
  });
};

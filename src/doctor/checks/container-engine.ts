// The container engine itself: whether it answers, is new enough, and seals and bounds what runs in it.
import type { Check } from '../check.js';
import { engineReportOf, engineSocketOf } from '../container-engine.js';
import { failure, ok, warning } from '../finding.js';

const LOOK_AT_ITS_LOG = 'Look at the log of the container engine, and restart it: it does not answer.';
/** Engine and API that were tested; older APIs lack what the seal asks for. */
const OLDEST_DOCKER = [20, 10] as const;

export const containerEngine: Check = {
  id: 'container.engine',
  about: 'The container engine answers and is of a version the node is made for.',
  limitMs: 12_000,
  ifSlow: LOOK_AT_ITS_LOG,
  async look(subject) {
    const { kind, version, apiVersion, storage, cgroup, rootless } = await subject.containerEngine(
      engineSocketOf(subject),
    );
    const seen = `${kind} ${version}, API ${apiVersion}, storage ${storage}, cgroup ${cgroup}, ${rootless ? 'rootless' : 'as root'}`;
    return kind === 'docker' && isOlder(version)
      ? failure(seen, 'Install Docker Engine 20.10 or newer.')
      : ok(seen);
  },
};

const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_DOCKER;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
};

export const containerSeal: Check = {
  id: 'container.seal',
  about: 'The container engine filters system calls and enforces bounds on memory and processes.',
  limitMs: 12_000,
  ifSlow: LOOK_AT_ITS_LOG,
  async look(subject) {
    const { seccomp, cgroup, rootless, userNamespaces, warnings } = await engineReportOf(subject);
    const seen = [
      `seccomp ${seccomp ? 'on' : 'off'}`,
      `user namespaces ${userNamespaces ? 'on' : 'off'}`,
      ...warnings.map((words) => words.replace(/^WARNING:\s*/i, '')),
    ].join('; ');
    if (!seccomp) {
      return warning(
        seen,
        'Use a container engine built with seccomp: without, a Runtime may call all of the kernel.',
      );
    }
    if (rootless && cgroup !== '2') {
      return warning(
        seen,
        'Boot the host with cgroup version 2: a rootless engine enforces no bounds without it.',
      );
    }
    const isUnbounded = warnings.some((words) => /no (memory|pids|cpu cfs) /i.test(words));
    return isUnbounded
      ? warning(seen, 'Enable the missing control groups in the kernel: that bound is not enforced.')
      : ok(seen);
  },
};

export const containerRestart: Check = {
  id: 'container.restart',
  about: 'Containers survive a restart of the container engine.',
  limitMs: 12_000,
  ifSlow: LOOK_AT_ITS_LOG,
  async look(subject) {
    const { kind, liveRestore } = await engineReportOf(subject);
    if (kind !== 'docker' || liveRestore) return ok('containers go on while the engine restarts');
    return warning(
      'live-restore is off: a restart of the engine ends the Runtime and its jobs',
      'Put `"live-restore": true` into /etc/docker/daemon.json and reload the engine.',
    );
  },
};

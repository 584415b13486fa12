// What a Docker Engine tells of itself, as the port's report.
import type { HostReport } from '../runtime-host.js';
import type { EngineInfo } from './engine-answers.js';
import type { EngineVersion } from './engine-version.js';

const NVIDIA_CDI = /^nvidia\.com\/gpu=/;

/** Where both are there, the toolkit: every engine knows it, while devices of CDI are known by UUID only to some. */
export const gpuInjectionOf = ({
  Runtimes,
  CDISpecDirs,
  DiscoveredDevices,
}: Pick<EngineInfo, 'Runtimes' | 'CDISpecDirs' | 'DiscoveredDevices'>): HostReport['gpuInjection'] => {
  if (Runtimes.includes('nvidia')) return 'toolkit';
  if (DiscoveredDevices) return DiscoveredDevices.some(({ ID }) => NVIDIA_CDI.test(ID)) ? 'cdi' : 'none';
  // Engines before API 1.50 name only the places where they look.
  return CDISpecDirs.length > 0 ? 'cdi' : 'none';
};

/** Entries read as `name=seccomp,profile=default`. */
export const hasSecurityOption = ({ SecurityOptions }: Pick<EngineInfo, 'SecurityOptions'>, name: string) =>
  SecurityOptions.some((option) => option.split(',').includes(`name=${name}`));

/** @param spoken version of the API */
export const hostReport = (version: EngineVersion, info: EngineInfo, spoken: string): HostReport => ({
  kind: version.Components.some(({ Name }) => /podman/i.test(Name)) ? 'podman' : 'docker',
  version: version.Version,
  apiVersion: spoken,
  gpuInjection: gpuInjectionOf(info),
  cgroup: info.CgroupVersion === '1' || info.CgroupVersion === '2' ? info.CgroupVersion : 'unknown',
  storage: info.Driver,
  rootless: hasSecurityOption(info, 'rootless'),
  userNamespaces: hasSecurityOption(info, 'userns'),
  liveRestore: info.LiveRestoreEnabled ?? false,
  seccomp: hasSecurityOption(info, 'seccomp'),
  cpus: info.NCPU,
  memoryBytes: info.MemTotal,
  rootDirectory: info.DockerRootDir,
  warnings: info.Warnings,
});

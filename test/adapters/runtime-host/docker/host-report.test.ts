// How an engine hands out GPUs, from what it tells of itself.
import { expect, test } from 'vitest';
import { engineInfo } from '../../../../src/adapters/runtime-host/docker/engine-answers.js';
import { engineVersion } from '../../../../src/adapters/runtime-host/docker/engine-version.js';
import { gpuInjectionOf, hostReport } from '../../../../src/adapters/runtime-host/docker/host-report.js';

const INFO = { Driver: 'overlayfs', DockerRootDir: '/data', NCPU: 8, MemTotal: 1 };
const VERSION = { Version: '29.1.0', ApiVersion: '1.52', MinAPIVersion: '1.44' };

test.each<[object, string]>([
  [{}, 'none'],
  [{ Runtimes: { runc: {}, nvidia: {} }, CDISpecDirs: ['/etc/cdi'] }, 'toolkit'],
  [{ Runtimes: { runc: {} }, CDISpecDirs: ['/etc/cdi'] }, 'cdi'],
  // From API 1.50 on it says what it found.
  [{ CDISpecDirs: ['/etc/cdi'], DiscoveredDevices: [{ Source: 'cdi', ID: 'vendor.com/net=1' }] }, 'none'],
  [{ CDISpecDirs: ['/etc/cdi'], DiscoveredDevices: [{ Source: 'cdi', ID: 'nvidia.com/gpu=0' }] }, 'cdi'],
])('of %j is %s', (facts, injection) => {
  expect(gpuInjectionOf(engineInfo.parse({ ...INFO, ...facts }))).toBe(injection);
});

test('tells Podman from Docker, and is silent on what an engine does not tell', () => {
  const podman = engineVersion.parse({ ...VERSION, Components: [{ Name: 'Podman Engine' }] });
  expect(hostReport(podman, engineInfo.parse({ ...INFO, Warnings: null }), '1.51')).toEqual({
    kind: 'podman',
    version: '29.1.0',
    apiVersion: '1.51',
    gpuInjection: 'none',
    cgroup: 'unknown',
    storage: 'overlayfs',
    rootless: false,
    userNamespaces: false,
    liveRestore: false,
    seccomp: false,
    cpus: 8,
    memoryBytes: 1,
    rootDirectory: '/data',
    warnings: [],
  });
});

// Every check, in the order in which an owner should read them: what others rest on comes first.
import type { Check } from './check.js';
import { containerEngine, containerRestart, containerSeal } from './checks/container-engine.js';
import { containerLeftovers } from './checks/container-leftovers.js';
import { containerImages, containerMemory } from './checks/container-room.js';
import { containerSocket } from './checks/container-socket.js';
import { daemonState } from './checks/daemon.js';
import { dataDirectory } from './checks/data-directory.js';
import { dataSpace, modelSpace } from './checks/disk-space.js';
import { gpuPresent } from './checks/gpu.js';
import { gpuInjection } from './checks/gpu-injection.js';
import { keyFile } from './checks/key.js';
import { clockSkew, networkReachable } from './checks/network.js';
import { nodeVersion } from './checks/node-version.js';
import { openFiles } from './checks/open-files.js';
import { runtimeEngine } from './checks/runtime-engine.js';
import { settingsValid } from './checks/settings.js';
import { socketPaths } from './checks/socket-paths.js';

export const ALL_CHECKS: readonly Check[] = [
  nodeVersion,
  settingsValid,
  daemonState,
  dataDirectory,
  dataSpace,
  modelSpace,
  keyFile,
  networkReachable,
  clockSkew,
  runtimeEngine,
  socketPaths,
  containerSocket,
  containerEngine,
  containerSeal,
  containerRestart,
  containerImages,
  containerMemory,
  containerLeftovers,
  gpuPresent,
  gpuInjection,
  openFiles,
];

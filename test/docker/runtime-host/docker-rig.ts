// Docker hosts of nodes nobody else has, on the engine of the tests, and what a person at its command line would do.
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { ContainerSpec } from '../../../src/adapters/runtime-host/container-spec.js';
import { createDockerRuntimeHost } from '../../../src/adapters/runtime-host/docker/docker-runtime-host.js';
import type { RuntimeHost, RuntimeRef } from '../../../src/adapters/runtime-host/runtime-host.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { containerSpec } from '../../adapters/runtime-host/container-specs.js';
import { nodeImage } from '../images/simulator-image.js';

export const USER = 2000;

/** Says `up` when it hears signals; ends with 0 when asked to stop or by SIGUSR2, with 1 by SIGHUP. */
export const PROGRAM = [
  "for (const signal of ['SIGTERM', 'SIGUSR2']) process.on(signal, () => process.exit(0));",
  "process.on('SIGHUP', () => process.exit(1));",
  'setInterval(() => {}, 60_000);',
  "console.log('up');",
].join('\n');

export const randomNodeId = (): string => `0x${randomBytes(20).toString('hex')}`;

export interface DockerRig {
  readonly docker: Docker;
  /** Of the image that holds Node alone. */
  readonly image: string;
  /** The user of the containers may write there. */
  readonly socketDirectory: string;
  /** @param nodeId its containers are removed at the end */
  host(nodeId: string): RuntimeHost;
  /** Runs a program of Node's; a changed program is another spec. */
  spec(program?: string, changes?: Partial<ContainerSpec>): ContainerSpec;
  isUp(host: RuntimeHost, ref: RuntimeRef): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const createDockerRig = async (socketPath: string): Promise<DockerRig> => {
  const docker = new Docker({ socketPath, host: '' });
  const image = await nodeImage(docker);
  const socketDirectory = await mkdtemp(join(tmpdir(), 'rn-host-'));
  await chown(socketDirectory, USER, 0);
  const hosts = new Set<RuntimeHost>();
  return {
    docker,
    image,
    socketDirectory,
    host(nodeId) {
      const logger = pino({ level: 'silent' });
      const host = createDockerRuntimeHost({
        socketPath,
        nodeId: () => nodeId,
        agentVersion: '0.0.0',
        logger,
      });
      hosts.add(host);
      return host;
    },
    spec: (program = PROGRAM, changes = {}) =>
      containerSpec({
        specHash: digestOf(program + JSON.stringify(changes)),
        image,
        entrypoint: ['node'],
        args: ['--eval', program],
        socketMount: {
          source: { kind: 'bind', hostPath: socketDirectory },
          target: '/run/engine',
          readOnly: false,
        },
        ...changes,
      }),
    isUp: (host, ref) => expect.poll(() => host.tailLog(ref, 10), { timeout: 20_000 }).toContain('up'),
    async [Symbol.asyncDispose]() {
      for (const host of hosts) {
        await host.reconcile(undefined);
        await host.close();
      }
      await rm(socketDirectory, { recursive: true, force: true });
    },
  };
};

// What a node without containers says, as it starts, of those that it left when it still had some.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentityStore } from '../../src/adapters/identity/keystore-identity.js';
import { readNodeId } from '../../src/adapters/identity/read-node-id.js';
import { LABEL } from '../../src/adapters/runtime-host/docker/container-body.js';
import { loadConfig } from '../../src/config.js';
import { warnOfContainers } from '../../src/daemon/warn-of-containers.js';
import { recordingLogger } from '../adapters/runtime/specs.js';
import { json, startScriptedDocker } from '../adapters/runtime-host/docker/scripted-docker.js';

/** With a key, which takes its time to make. */
let keyed: string;
let nodeId: string;
let keyless: string;
beforeAll(async () => {
  keyed = await mkdtemp(join(tmpdir(), 'left-'));
  keyless = await mkdtemp(join(tmpdir(), 'left-'));
  await createIdentityStore({ dir: keyed }).create('correct horse');
  nodeId = await readNodeId(keyed);
}, 30_000);
afterAll(async () => {
  await rm(keyed, { recursive: true });
  await rm(keyless, { recursive: true });
});

const nodeWith = (runtimeDriver: string, dataDir: string) => {
  const { config } = loadConfig({ flags: { dataDir, runtimeDriver }, environment: { HOME: dataDir } });
  const { logger, lines } = recordingLogger();
  return async (socketPath: string) => {
    await warnOfContainers(config, logger, new AbortController().signal, socketPath);
    return lines;
  };
};
const container = (id: string, node: string) => ({
  Id: id.repeat(64),
  State: 'running',
  Labels: { [LABEL.node]: node, [LABEL.role]: 'runtime' },
  HostConfig: { NetworkMode: 'none' },
});

test('those of this node are named, with the command that removes them', async () => {
  await using docker = await startScriptedDocker();
  const warned = nodeWith('process', keyed);
  docker.on('GET /containers/json', json([container('a', nodeId.toLowerCase()), container('b', '0x00')]));
  expect(await warned(docker.socketPath)).toMatchObject([
    {
      level: 40,
      event: 'runtime.containers_left',
      msg: 'nobody looks after these containers of this node any more: runtime aaaaaaaaaaaa running',
      advice: `Run \`docker -H unix://${docker.socketPath} rm --force aaaaaaaaaaaa\`.`,
    },
  ]);
  expect(docker.asked.every(({ method }) => method === 'GET')).toBe(true);
});

test('nothing is said where there are none, no key, no engine, or an engine that says no', async () => {
  await using docker = await startScriptedDocker();
  const warnings = async (dataDir = keyed, socketPath = docker.socketPath) =>
    (await nodeWith('process', dataDir)(socketPath)).filter(({ level }) => Number(level) > 20);
  expect(await warnings(keyless)).toEqual([]);
  expect(docker.asked).toEqual([]);
  docker.on('GET /containers/json', json([]));
  expect(await warnings()).toEqual([]);
  docker.on('GET /containers/json', json({ message: 'no' }, 403));
  expect(await warnings()).toEqual([]);
  expect(docker.asked.filter(({ path }) => path === '/containers/json')).toHaveLength(2);
  expect(await warnings(keyed, join(keyless, 'docker.sock'))).toEqual([]);
});

test('a node that runs containers looks after its own by itself', async () => {
  await using docker = await startScriptedDocker();
  expect([await nodeWith('container', keyed)(docker.socketPath), docker.asked]).toEqual([[], []]);
});

// Which images a node takes at all: an engine would pull whatever a tag means at the moment.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDockerClient } from '../../../../src/adapters/runtime-host/docker/docker-client.js';
import { ensureImage } from '../../../../src/adapters/runtime-host/docker/ensure-image.js';
import { json, type ScriptedDocker, startScriptedDocker } from './scripted-docker.js';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const PINNED = `registry.test/engine@${DIGEST}`;
const ID = `sha256:${'2'.repeat(64)}`;
const TAGGED = [
  'registry.test/engine:latest',
  'registry.test/engine',
  'engine',
  'registry.test/engine@sha256:1',
];

let docker: ScriptedDocker;
beforeEach(async () => {
  docker = await startScriptedDocker();
  // It has the image under any name, and pulls whatever it is asked for.
  docker.on('GET /images/:id/json', json({ Id: ID, RepoDigests: [PINNED, ...TAGGED], Config: null }));
  docker.on('POST /images/create', (_, response) => response.writeHead(200).end());
});
afterEach(() => docker[Symbol.asyncDispose]());

const ensure = async (image: string): Promise<string> => {
  const client = createDockerClient(docker.socketPath);
  try {
    return await ensureImage(client, image, () => undefined, new AbortController().signal);
  } finally {
    client.close();
  }
};

test.each(TAGGED)('refuses %s before anything is pulled or looked at', async (image) => {
  await expect(ensure(image)).rejects.toMatchObject({
    code: 'IMAGE_UNAVAILABLE',
    details: { trouble: 'unknown' },
  });
  expect(docker.asked.filter(({ path }) => path.startsWith('/images'))).toEqual([]);
});

test.each([PINNED, ID])('gives the id of %s, by which its container is made', async (image) => {
  expect(await ensure(image)).toBe(ID);
});

// The one place a hostile image shares with the Agent: what it puts there leads the Agent nowhere, and can be bounded.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createEngineClient } from '../../../src/adapters/engine/undici-engine-client.js';
import { firstLine, wholeOutput } from './container-output.js';
import { type HostileRun, startSealed } from './containers.js';
import { type HostServices, startHostServices } from './host-services.js';
import { hostileImage } from './image/hostile-image.js';

const UID = 2000;
const CONNECTIONS = 500;
const engineSocket = inject('engineSocket');

describe.skipIf(engineSocket === null)("the engine's socket directory of a hostile image", () => {
  const socketPath = engineSocket ?? '';
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  let image: string;
  let host: HostServices;
  let directory: string;

  beforeAll(async () => {
    image = await hostileImage(docker);
    host = await startHostServices();
  });

  beforeEach(async () => {
    directory = await host.socketDirectory(UID);
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
  });

  const start = async (changes: Pick<HostileRun, 'role'> & Partial<HostileRun>) =>
    startSealed(docker, socketPath, {
      image,
      targets: { decoy: host.decoyPath },
      uid: UID,
      socketSource: { kind: 'bind', hostPath: directory },
      modelDirectory: await host.modelDirectory(),
      ...changes,
    });

  const health = async (): Promise<string> => {
    const client = createEngineClient({
      kind: 'unix',
      path: join(directory, 'engine.sock'),
      ownerUid: UID,
    });
    try {
      return await client.health(new AbortController().signal).then(
        () => 'well',
        (error: unknown) => (error as { details: { cause: string } }).details.cause,
      );
    } finally {
      await client.close();
    }
  };

  test('a link to a socket of the host is not followed', async () => {
    await using planted = await start({ role: 'plant' });
    expect(await firstLine(planted.container)).toBe('planted');
    expect(await health()).toBe('NOT_A_SOCKET');
    expect(host.calls()).toBe(0);
  });

  test('a link that changes places with a true socket is never followed', async () => {
    await using swapping = await start({ role: 'swap' });
    expect(await firstLine(swapping.container)).toBe('swapping');
    for (let count = 0; count < CONNECTIONS; count += 1) expect(await health()).toEqual(expect.any(String));
    expect(host.calls()).toBe(0);
  });

  test('a small tmpfs in its place bounds what is written, and nothing runs from it', async () => {
    const name = `resultity-hostile-${randomBytes(6).toString('hex')}`;
    const o = `size=1m,nr_inodes=64,uid=${UID},mode=0750,nosuid,nodev,noexec`;
    await docker.createVolume({ Name: name, DriverOpts: { type: 'tmpfs', device: 'tmpfs', o } });
    try {
      await using filling = await start({ role: 'fill', socketSource: { kind: 'volume', name } });
      const [written, files, run] = await wholeOutput(filling.container);
      expect(Number(written)).toBeLessThanOrEqual(1024 * 1024);
      expect(Number(files)).toBeLessThanOrEqual(64);
      expect(run).toBe('Permission denied');
    } finally {
      await docker.getVolume(name).remove();
    }
  });
});

// The Agent's image: what it says of itself, what is in it, and that all of it runs sealed and without a shell.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { Client } from 'undici';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { AGENT_IMAGE, buildAgentImage, runTool } from './agent-image.js';

const socketPath = inject('engineSocket') ?? '';
const MEBIBYTE = 1024 ** 2;
const BUILD_MS = 900_000;

describe.skipIf(socketPath === '')("the Agent's image", () => {
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  const cli = (...args: string[]): Promise<string> => runTool(socketPath, 'docker', args);
  let sizes: { readonly image: number; readonly base: number };

  beforeAll(async () => {
    const { image, base } = await buildAgentImage(docker, socketPath);
    const size = async (id: string): Promise<number> => (await docker.getImage(id).inspect()).Size;
    sizes = { image: await size(image), base: await size(base) };
  }, BUILD_MS);

  const containers: Docker.Container[] = [];
  const volumes: string[] = [];
  afterEach(async () => {
    for (const container of containers.splice(0).reverse()) await container.remove({ force: true, v: true });
    for (const name of volumes.splice(0)) await docker.getVolume(name).remove();
  });

  const volume = async (): Promise<{ readonly name: string; readonly path: string }> => {
    const name = `rn${randomBytes(4).toString('hex')}`; // short: a socket's path holds 107 bytes
    await docker.createVolume({ Name: name });
    volumes.push(name);
    return { name, path: (await docker.getVolume(name).inspect()).Mountpoint };
  };

  /** Sealed as the compose file seals it, and without a network. */
  const start = async (
    Cmd: string[],
    host: Docker.HostConfig = {},
    Env: string[] = [],
  ): Promise<Docker.Container> => {
    const container = await docker.createContainer({
      Image: AGENT_IMAGE,
      Cmd,
      Env,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        Tmpfs: { '/tmp': 'mode=1777' },
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true'],
        ...host,
      },
    });
    containers.push(container);
    await container.start();
    return container;
  };

  const ending = async (container: Docker.Container) => {
    const { StatusCode } = await container.wait();
    return { code: StatusCode, log: (await container.logs({ stdout: true, stderr: true })).toString() };
  };

  const untilItLogs = async (container: Docker.Container, words: string): Promise<void> => {
    const log = await container.logs({ follow: true, stdout: true, stderr: true });
    for await (const part of log) if (String(part).includes(words)) return;
    throw new Error(`it ended without ${words}`);
  };

  it('adds less than 48 MB to its base', () => {
    expect((sizes.image - sizes.base) / 1e6).toBeLessThan(48);
  });

  it('says what it is, runs as nobody in particular, and claims no volume', async () => {
    const { Config } = await docker.getImage(AGENT_IMAGE).inspect();
    expect(Config).toMatchObject({
      User: '1000:1000',
      StopSignal: 'SIGTERM',
      Entrypoint: ['resultity-node'],
      Cmd: ['start'],
      Healthcheck: { Test: ['CMD', 'resultity-node', 'healthcheck'] },
      Labels: {
        'org.opencontainers.image.title': 'Resultity Node',
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.version': '0.0.0-test',
        'org.opencontainers.image.revision': 'work-tree',
      },
    });
    expect(Config.Volumes ?? null).toBeNull();
  });

  it('keeps the licences of what it holds, and no shell', async () => {
    const script = `const { existsSync, globSync, readdirSync } = require('node:fs');
      const home = '/opt/resultity-node';
      console.log(JSON.stringify({ shell: existsSync('/bin/sh'), licence: existsSync(home + '/LICENSE'),
        zod: existsSync(home + '/node_modules/zod/LICENSE'), maps: readdirSync(home + '/dist', { recursive: true })
        .filter((name) => name.endsWith('.map')).length }));`;
    const answer = await cli(
      'run',
      '--rm',
      '--network',
      'none',
      '--entrypoint',
      'node',
      AGENT_IMAGE,
      '-e',
      script,
    );
    expect(JSON.parse(answer)).toEqual({ shell: false, licence: true, zod: true, maps: 0 });
  });

  it('keeps the key in a fresh volume, which belongs to its user', async () => {
    const { name } = await volume();
    const HostConfig = { Binds: [`${name}:/var/lib/resultity`] };
    const made = await ending(await start(['init', '--json'], HostConfig));
    const shown = await ending(await start(['identity', 'show', '--json'], HostConfig));
    expect([made.code, shown.code]).toEqual([0, 0]);
    const nodeId = /0x[0-9a-f]{40}/i;
    expect(nodeId.exec(shown.log)?.[0]).toBe(nodeId.exec(made.log)?.[0]);
  });

  it('is well while it waits for a network, and ends in order on SIGTERM', async () => {
    const container = await start(['start'], {}, [
      'RESULTITY_NETWORK_URL=http://127.0.0.1:9',
      'RESULTITY_RUNTIME_DRIVER=process',
      'RESULTITY_RUNTIME_ENGINE=simulator',
      'RESULTITY_DATA_DIR=/tmp/node',
    ]);
    const { Id } = await container.inspect();
    const healthy = async (): Promise<string> =>
      cli('exec', Id, 'resultity-node', 'healthcheck').catch(() => '');
    let said = '';
    while (said === '') {
      const { State } = await container.inspect();
      if (!State.Running) throw new Error((await ending(container)).log);
      await pause(100);
      said = await healthy();
    }
    expect(said).toMatch(/^healthy: /);
    await container.stop({ t: 30 });
    expect((await container.inspect()).State).toMatchObject({ ExitCode: 0, OOMKilled: false });
  });

  it('is not well without a daemon', async () => {
    const { code, log } = await ending(await start(['healthcheck']));
    expect([code, log]).toEqual([1, expect.stringContaining('[UNHEALTHY]')]);
  });

  it('bridges an engine that knows only TCP, in its network and in 64 MiB', async () => {
    const { name, path } = await volume();
    const engine = await start(['simulate-engine', '--port=8000', '--served-model-name=demo-chat']);
    await untilItLogs(engine, 'simulator.bound');
    const { Id } = await engine.inspect();
    const bridge = await start(['bridge-socket', '--uds=/run/resultity/engine.sock', '--port=8000'], {
      NetworkMode: `container:${Id}`,
      Memory: 64 * MEBIBYTE,
      MemorySwap: 64 * MEBIBYTE,
      PidsLimit: 64,
      Binds: [`${name}:/run/resultity`],
    });
    await untilItLogs(bridge, 'bridge.bound');
    const socket = join(path, 'engine.sock');
    const client = new Client('http://engine', { socketPath: socket, pipelining: 1 });
    const body = JSON.stringify({
      model: 'demo-chat',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 16,
    });
    for (let round = 0; round < 50; round++) {
      const answer = await client.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.statusCode).toBe(200);
      await answer.body.dump();
    }
    await client.close();
    // As many as one engine works on, all open at once.
    const open = await Promise.all(
      Array.from({ length: 256 }, async () => {
        const one = connect(socket);
        await once(one, 'connect');
        return one;
      }),
    );
    for (const one of open) one.destroy();
    expect((await bridge.inspect()).State).toMatchObject({ Running: true, OOMKilled: false });
    await bridge.stop({ t: 10 });
    expect((await bridge.inspect()).State.ExitCode).toBe(0);
  });
});

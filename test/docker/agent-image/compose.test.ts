// The compose file's demo, brought up by the real tool: network, Agent and the Runtime it starts are containers, and an
// OpenAI client gets an answer whose receipt is verified here.
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import OpenAI from 'openai';
import { recoverTypedDataAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { AGENT_IMAGE, buildAgentImage, runTool } from './agent-image.js';

const socketPath = inject('engineSocket') ?? '';
const hasCompose =
  socketPath !== '' &&
  (await runTool(socketPath, 'docker-compose', ['version']).then(
    () => true,
    () => false,
  ));
if (socketPath !== '' && !hasCompose) {
  console.warn("SKIPPED: there is no docker-compose: install Debian's docker-compose.");
}

const UP_MS = 900_000;
const READY_MS = 180_000;

const receiptsAnswer = z.object({
  receipts: z.array(
    z.object({
      receipt: z.object({
        node: z.string(),
        outcome: z.string(),
        runtime_digest: z.string(),
        completion_tokens: z.number(),
      }),
      signature: z.templateLiteral(['0x', z.string()]),
      typed_data: z.looseObject({}),
    }),
  ),
});

describe.skipIf(!hasCompose)('compose.yaml, profile demo', () => {
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  const project = `rn${randomBytes(4).toString('hex')}`;
  let environment: Record<string, string> = {};
  let imageId = '';
  let client: OpenAI;

  const compose = (...args: string[]): Promise<string> =>
    runTool(socketPath, 'docker-compose', ['--profile', 'demo', ...args], environment);
  const inService = (service: string, ...args: string[]): Promise<string> =>
    compose('exec', '-T', service, 'resultity-node', ...args);

  const containerOf = async (service: string): Promise<Docker.Container> => {
    const filters = {
      label: [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`],
    };
    const [found] = await docker.listContainers({ all: true, filters });
    if (found === undefined) throw new Error(`there is no container of ${service}`);
    return docker.getContainer(found.Id);
  };

  const runtimes = async () => {
    const { nodeId } = JSON.parse(await inService('node-demo', 'identity', 'show', '--json'));
    const filters = { label: [`io.resultity.node=${nodeId}`, 'io.resultity.role=runtime'] };
    return docker.listContainers({ all: true, filters });
  };

  const ask = async () => {
    const { data, response } = await client.chat.completions
      .create({
        model: 'demo-chat',
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        max_tokens: 16,
      })
      .withResponse();
    return { answer: data, job: response.headers.get('x-request-id') ?? '' };
  };

  const until = async (what: string, look: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + READY_MS;
    while (!(await look())) {
      if (performance.now() > deadline) throw new Error(`${what}: ${await compose('logs', '--tail', '40')}`);
      await pause(250);
    }
  };

  beforeAll(async () => {
    imageId = (await buildAgentImage(docker, socketPath)).image;
    environment = {
      COMPOSE_PROJECT_NAME: project,
      RESULTITY_IMAGE: AGENT_IMAGE,
      RESULTITY_VOLUMES: project,
      DOCKER_SOCKET: socketPath,
      DOCKER_GID: String((await stat(socketPath)).gid),
      DEMO_PORT: '0', // any that is free
      CONSOLE_PORT: '0',
      DEMO_PAGE_PORT: '0',
    };
    await compose('up', '--detach', '--no-build');
    const setUp = await containerOf('demo-set-up');
    await until('the set-up ends', async () => !(await setUp.inspect()).State.Running);
    const said = (await setUp.logs({ stdout: true, stderr: true })).toString();
    const apiKey = /API key\s+(\S+)/.exec(said)?.[1];
    if (apiKey === undefined) throw new Error(`the set-up failed: ${said}`);
    const address = (await compose('port', 'network', '7530')).trim();
    client = new OpenAI({ baseURL: `http://${address}/v1`, apiKey, maxRetries: 0, timeout: 60_000 });
  }, UP_MS);

  afterAll(async () => {
    if (environment.COMPOSE_PROJECT_NAME !== undefined) await compose('down', '--volumes');
  });

  it('answers an OpenAI client, with a receipt the node signed and the image that answered', async () => {
    const { answer, job } = await ask();
    expect(answer.choices[0]?.message.content).not.toBe('');
    const shown = await inService('network', 'network', 'receipt', job, '--json');
    const [{ receipt, signature, typed_data } = missing('receipt')] = receiptsAnswer.parse(
      JSON.parse(shown),
    ).receipts;
    const typedData = typed_data as Parameters<typeof recoverTypedDataAddress>[0];
    expect((await recoverTypedDataAddress({ ...typedData, signature })).toLowerCase()).toBe(
      receipt.node.toLowerCase(),
    );
    expect(receipt).toMatchObject({
      outcome: 'completed',
      runtime_digest: imageId,
      completion_tokens: answer.usage?.completion_tokens,
    });
  });

  it('shows the network’s page to this machine', async () => {
    const address = (await compose('port', 'network', '7531')).trim();
    const page = await fetch(`http://${address}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const api = await fetch(`http://${address}/api/status`, { method: 'POST' });
    expect(api.status).toBe(401);
  });

  it('publishes the network on loopback alone, and privileges nobody', async () => {
    const network = await (await containerOf('network')).inspect();
    const onLoopback = [{ HostIp: '127.0.0.1', HostPort: expect.stringMatching(/^[1-9]/) }];
    expect(network.NetworkSettings.Ports).toEqual({ '7530/tcp': onLoopback, '7531/tcp': onLoopback });
    for (const service of ['network', 'node-demo', 'demo-set-up']) {
      const { Config, HostConfig } = await (await containerOf(service)).inspect();
      expect([
        service,
        Config.User,
        HostConfig.Privileged,
        HostConfig.ReadonlyRootfs,
        HostConfig.CapDrop,
      ]).toEqual([service, '1000:1000', false, true, ['ALL']]);
    }
  });

  it('serves the console on loopback alone, by the link its command prints', async () => {
    const node = await (await containerOf('node-demo')).inspect();
    expect(Object.values(node.NetworkSettings.Ports).flat()).toEqual([
      { HostIp: '127.0.0.1', HostPort: expect.stringMatching(/^[1-9]/) },
    ]);
    const origin = `http://${(await compose('port', 'node-demo', '7540')).trim()}`;
    const page = await fetch(origin);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await fetch(`${origin}/charts/node.svg`)).status).toBe(200);
    const { url } = JSON.parse(await inService('node-demo', 'console', '--json')) as { url: string };
    const authorization = `Bearer ${new URL(url).hash.replace('#token=', '')}`;
    const status = await fetch(`${origin}/api/status`, { headers: { authorization } });
    expect([status.status, await status.json()]).toMatchObject([200, { idleReason: null }]);
    expect((await fetch(`${origin}/api/status`)).status).toBe(401);
  });

  it('seals the Runtime: no network, the same user, nothing but the volume of its socket', async () => {
    const [found = missing('Runtime')] = await runtimes();
    const { Config, HostConfig, Mounts, Image } = await docker.getContainer(found.Id).inspect();
    expect([Config.User, HostConfig.NetworkMode, HostConfig.ReadonlyRootfs, Image]).toEqual([
      '1000:0',
      'none',
      true,
      imageId,
    ]);
    expect(Mounts.map(({ Name, Destination }) => [Name, Destination])).toEqual([
      [`${project}-demo-socket`, '/run/engine'],
    ]);
  });

  it('goes on with the same Runtime after its Agent was killed', async () => {
    const [before] = await runtimes();
    const agent = await containerOf('node-demo');
    await agent.kill({ signal: 'SIGKILL' });
    await agent.start();
    await until('the node serves again', async () => {
      const status = await inService('node-demo', 'status', '--json').catch(() => '{}');
      return JSON.parse(status).idleReason === null && JSON.parse(status).runtime.state === 'ready';
    });
    expect((await ask()).answer.choices[0]?.message.content).not.toBe('');
    expect((await runtimes()).map(({ Id }) => Id)).toEqual([before?.Id]);
  });

  it('takes the Runtime with it when it stops', async () => {
    const [{ Id } = missing('Runtime')] = await runtimes();
    await compose('stop');
    const agent = await (await containerOf('node-demo')).inspect();
    expect(agent.State).toMatchObject({ ExitCode: 0, OOMKilled: false });
    await expect(docker.getContainer(Id).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });
});

const missing = (what: string): never => {
  throw new Error(`there is no ${what}`);
};

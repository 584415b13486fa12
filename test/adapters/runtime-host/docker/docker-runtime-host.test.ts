// A Docker Engine that hangs, breaks off, lies in front of a proxy or changes under the host.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDockerRuntimeHost } from '../../../../src/adapters/runtime-host/docker/docker-runtime-host.js';
import type { RuntimeHost, RuntimeHostEvent } from '../../../../src/adapters/runtime-host/runtime-host.js';
import { recordingLogger } from '../../runtime/specs.js';
import { containerSpec } from '../container-specs.js';
import { json, lines, type ScriptedDocker, startScriptedDocker, versions } from './scripted-docker.js';

const INFO = {
  Driver: 'overlay2',
  DockerRootDir: '/var/lib/docker',
  NCPU: 4,
  MemTotal: 1024,
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
};
const ID = 'f'.repeat(64);
const IMAGE = `registry.test/engine@sha256:${'1'.repeat(64)}`;
const ref = { id: ID, specHash: 'sha256:1', startedMs: 0 };
const never = new AbortController().signal;
const nodeId = `0x${'ab'.repeat(20)}`;

let docker: ScriptedDocker;
let host: RuntimeHost;
let logged: Record<string, unknown>[];

beforeEach(async () => {
  docker = await startScriptedDocker();
  docker.on('GET /info', json(INFO));
  docker.on('GET /containers/json', json([]));
  const { logger, lines: written } = recordingLogger();
  logged = written;
  host = createDockerRuntimeHost({
    socketPath: docker.socketPath,
    nodeId: () => nodeId,
    agentVersion: '0.0.0',
    logger,
  });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await host.close();
  await docker[Symbol.asyncDispose]();
});

const unavailable = (trouble: string) => ({ code: 'CONTAINER_ENGINE_UNAVAILABLE', details: { trouble } });
const versionsAsked = (path: string) =>
  docker.asked.filter((asked) => asked.path === path).map(({ version }) => version);

describe('the version of the API', () => {
  test.each([
    ['1.41', '1.24', '1.41'],
    ['1.55', '1.44', '1.51'],
  ])('of an engine with %s and from %s on is %s', async (newest, oldest, spoken) => {
    docker.on('GET /version', versions(newest, oldest));
    expect(await host.probe()).toMatchObject({ apiVersion: spoken, rootless: true, seccomp: true });
    expect(versionsAsked('/info')).toEqual([`v${spoken}`]);
  });

  test.each([
    ['1.40', '1.12'],
    ['1.60', '1.52'],
  ])('of an engine with %s and from %s on is not ours', async (newest, oldest) => {
    docker.on('GET /version', versions(newest, oldest));
    await expect(host.probe()).rejects.toMatchObject(unavailable('unsupported'));
    expect(versionsAsked('/info')).toEqual([]);
  });

  test('is agreed on anew when another engine has come up behind the socket', async () => {
    docker.on('GET /version', versions('1.48'));
    await host.probe();
    docker.on('GET /version', versions('1.43'));
    docker.on('GET /containers/:id/json', (asked, response) => {
      if (asked.version === 'v1.43') return json({ message: 'No such container' }, 404)(asked, response);
      return response
        .writeHead(400)
        .end('client version 1.48 is too new. Maximum supported API version is 1.43');
    });
    expect(await host.inspect(ref)).toEqual({ phase: 'absent' });
    expect(versionsAsked(`/containers/${ID}/json`)).toEqual(['v1.48', 'v1.43']);
  });

  test('is agreed on anew only once', async () => {
    const refuse = 'client version 1.41 is too old. Minimum supported API version is 1.44';
    docker.on('GET /containers/:id/json', (_, response) => response.writeHead(400).end(refuse));
    await expect(host.inspect(ref)).rejects.toMatchObject(unavailable('unsupported'));
    expect(versionsAsked(`/containers/${ID}/json`)).toHaveLength(2);
  });
});

test.each(['tcp://192.0.2.1:2376', 'ssh://nobody@192.0.2.1', 'no address'])(
  'asks its own socket, whatever DOCKER_HOST says: %s',
  async (address) => {
    vi.stubEnv('DOCKER_HOST', address);
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', '/not/there');
    expect(await host.probe()).toMatchObject({ version: '99.0' });
    expect(process.env.DOCKER_HOST).toBe(address);
  },
);

test('takes a page of a proxy for a closed door', async () => {
  docker.on('GET /containers/:id/json', (_, response) =>
    response.writeHead(403).end('<html>Forbidden</html>'),
  );
  await expect(host.inspect(ref)).rejects.toMatchObject(unavailable('forbidden'));
});

test.each<[string, Parameters<ScriptedDocker['on']>[1]]>([
  ['never answers', () => {}],
  [
    'breaks off in the middle of an answer',
    (_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"Id":');
      response.socket?.destroySoon();
    },
  ],
])('does not wait for ever on an engine that %s', async (_, answer) => {
  await host.probe();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const arrived = new Promise<void>((resolve) => {
    docker.on('GET /containers/:id/json', (asked, response) => {
      answer(asked, response);
      resolve();
    });
  });
  const failed = expect(host.inspect(ref)).rejects.toMatchObject(unavailable('hung'));
  await arrived;
  vi.advanceTimersByTime(15_000);
  await failed;
});

test('leaves an engine that never answers when its caller leaves, with the reason of the caller', async () => {
  const left = new AbortController();
  const reason = new Error('left');
  docker.on('GET /info', () => left.abort(reason));
  await expect(host.probe(left.signal)).rejects.toBe(reason);
});

test('takes a container that has stopped or gone already for stopped', async () => {
  docker.on('POST /containers/:id/stop', (_, response) => response.writeHead(304).end());
  docker.on('GET /containers/:id/json', json({ message: 'No such container' }, 404));
  docker.on('DELETE /containers/:id', json({ message: 'No such container' }, 404));
  expect(await host.stop(ref, 1_500)).toEqual({ code: null, outOfMemory: false });
  expect(docker.asked.find(({ path }) => path.endsWith('/stop'))?.query.get('t')).toBe('2');
});

test('waits for a removal that somebody else began', async () => {
  docker.on('POST /containers/:id/stop', (_, response) => response.writeHead(304).end());
  docker.on('GET /containers/:id/json', json({ message: 'No such container' }, 404));
  let isGone = false;
  docker.on('DELETE /containers/:id', (asked, response) => {
    json({ message: isGone ? 'No such container' : 'removal is already in progress' }, isGone ? 404 : 409)(
      asked,
      response,
    );
    isGone = true;
  });
  await host.stop(ref, 0);
  expect(docker.asked.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
});

describe('a start', () => {
  const here = { Id: `sha256:${'e'.repeat(64)}`, RepoDigests: [IMAGE], Config: { Env: null } };

  beforeEach(() => {
    docker.on('GET /images/:id/json', json(here));
  });

  test('says in its body what the container is, and in its address only the name', async () => {
    docker.on('POST /containers/create', json({ message: 'Minimum memory limit allowed is 6MB' }, 400));
    await expect(host.start(containerSpec({ image: IMAGE }), never)).rejects.toMatchObject({
      code: 'CONTAINER_START_FAILED',
      details: { trouble: 'spec' },
      message: 'the container did not start (spec): Minimum memory limit allowed is 6MB',
    });
    const create = docker.asked.find(({ path }) => path === '/containers/create');
    expect([...(create?.query ?? [])]).toEqual([['name', 'resultity-runtime-abababababab']]);
    expect(JSON.parse(create?.body ?? '')).toMatchObject({
      Image: here.Id,
      HostConfig: { NetworkMode: 'none' },
    });
  });

  test('that is left while the engine is at it removes what came of it', async () => {
    const left = new AbortController();
    const reason = new Error('left');
    const made = { Id: ID, State: 'created', Labels: {}, HostConfig: { NetworkMode: 'none' } };
    docker.on('POST /containers/create', () => {
      docker.on('GET /containers/json', json([made, { ...made, Id: 'other', State: 'running' }]));
      left.abort(reason);
    });
    docker.on('DELETE /containers/:id', (_, response) => response.writeHead(204).end());
    await expect(host.start(containerSpec({ image: IMAGE }), left.signal)).rejects.toBe(reason);
    const removed = docker.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(removed).toEqual([`/containers/${ID}`]);
  });
});

describe('a pull', () => {
  const pull = (signal = never) => host.ensureImage(IMAGE, () => {}, signal);

  beforeEach(() => {
    docker.on('GET /images/:id/json', json({ message: 'No such image' }, 404));
  });

  test('is of the very digest, and proved by what is there afterwards', async () => {
    const other = `registry.test/engine@sha256:${'2'.repeat(64)}`;
    docker.on('POST /images/create', (asked, response) => {
      docker.on('GET /images/:id/json', json({ Id: 'sha256:e', RepoDigests: [other], Config: null }));
      lines({ status: 'Pull complete', id: 'layer' })(asked, response);
      response.end();
    });
    await expect(pull()).rejects.toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      details: { trouble: 'corrupt' },
    });
    const asked = docker.asked.find(({ path }) => path === '/images/create');
    expect(Object.fromEntries(asked?.query ?? [])).toMatchObject({
      fromImage: 'registry.test/engine',
      tag: `sha256:${'1'.repeat(64)}`,
    });
  });

  test('that ends well without an image has failed, and may be tried again', async () => {
    docker.on('POST /images/create', (_, response) => response.writeHead(200).end());
    await expect(pull()).rejects.toMatchObject({ details: { trouble: 'absent' }, retryable: true });
  });

  test('that breaks off is the engine, not the image', async () => {
    docker.on('POST /images/create', (asked, response) => {
      lines({ status: 'Downloading', id: 'layer', progressDetail: { current: 1, total: 2 } })(
        asked,
        response,
      );
      response.socket?.destroySoon();
    });
    await expect(pull()).rejects.toMatchObject(unavailable('lost'));
  });

  test('that is left ends with the reason of the caller', async () => {
    const left = new AbortController();
    const reason = new Error('left');
    const cut = new Promise<void>((resolve) => {
      docker.on('POST /images/create', (asked, response) => {
        response.once('close', resolve);
        lines({ status: 'Downloading', id: 'layer' })(asked, response);
      });
    });
    const pulling = host.ensureImage(IMAGE, () => left.abort(reason), left.signal);
    await expect(pulling).rejects.toBe(reason);
    await cut; // the engine drops the download
  });
});

describe('the news', () => {
  const event = (Action: string, Attributes = {}) => ({
    Type: 'container',
    Action,
    Actor: { ID, Attributes },
  });

  test('are read in the form of newer engines, a bad line is left out, and a loss and a return are told once', async () => {
    docker.on('GET /containers/:id/json', json({ message: 'No such container' }, 404));
    let streams = 0;
    docker.on('GET /events', (asked, response) => {
      streams += 1;
      if (streams === 1) {
        lines(event('exec_start'), event('oom'), event('die', { exitCode: '137' }))(asked, response);
        response.write('no JSON\n{"Action":1}\n');
        lines(event('destroy'))(asked, response);
        response.socket?.destroySoon();
      } else if (streams < 4) response.socket?.destroySoon();
      else lines(event('pause'))(asked, response);
    });
    const left = new AbortController();
    const events: RuntimeHostEvent[] = [];
    for await (const one of host.watch(left.signal)) {
      events.push(one);
      if (one.type === 'paused') left.abort();
    }
    expect(events).toEqual([
      { type: 'oom', id: ID },
      { type: 'died', id: ID, exit: { code: 137, outOfMemory: true } },
      { type: 'destroyed', id: ID },
      { type: 'lost', reason: expect.stringContaining('(lost)') },
      { type: 'back' },
      { type: 'paused', id: ID },
    ]);
    expect(
      logged.filter(({ msg }) => msg === 'an event of the container engine cannot be read'),
    ).toHaveLength(2);
    const [first] = docker.asked.filter(({ path }) => path === '/events');
    expect(JSON.parse(first?.query.get('filters') ?? '')).toEqual({
      type: ['container'],
      label: [`io.resultity.node=${nodeId}`, 'io.resultity.role=runtime'],
    });
  });
});

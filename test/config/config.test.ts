import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, type ConfigProblem } from '../../src/config/config-error.js';
import { nearestName } from '../../src/config/nearest-name.js';
import { type ConfigSources, describeConfigKeys, loadConfig } from '../../src/config.js';
import { engineByKey } from '../../src/runtimes/engines/engines.js';

const GENESIS = `sha256:${'a'.repeat(64)}`;

const scratch = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'resultity-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

/** An empty home, so that nothing of the real one is read. */
const emptyHost = async (): Promise<
  Required<Omit<ConfigSources, 'flags' | 'otherVariables'>> & { home: string }
> => {
  const home = await scratch();
  return {
    environment: { HOME: home },
    workingDirectory: '/srv',
    uid: 1000,
    systemFile: join(home, 'none'),
    home,
  };
};

const problemsOf = (sources: ConfigSources): readonly ConfigProblem[] => {
  try {
    loadConfig(sources);
  } catch (caught) {
    if (caught instanceof ConfigError) return caught.problems;
    throw caught;
  }
  return [];
};

const inContainer = { RESULTITY_RUNTIME_DRIVER: 'container' };

/** For every key: a value, as text for variables and flags, as YAML holds it, and what the node then has, if that differs. */
const samples: Record<
  string,
  { text: string; yaml: unknown; with?: Record<string, string>; held?: Record<string, unknown> }
> = {
  dataDir: { text: '/data', yaml: '/data' },
  networkUrl: {
    text: 'https://network.example/v1',
    yaml: 'https://network.example/v1',
    held: { networks: [{ url: 'https://network.example/v1' }] },
  },
  networkGenesis: {
    text: GENESIS,
    yaml: GENESIS,
    with: { RESULTITY_NETWORK_URL: 'wss://network.example/' },
    held: { networks: [{ url: 'https://network.example', genesis: GENESIS }] },
  },
  networks: {
    text: `["https://one.example", {"url": "wss://two.example", "genesis": "${GENESIS}"}]`,
    yaml: ['https://one.example', { url: 'wss://two.example', genesis: GENESIS }],
    held: {
      networks: [{ url: 'https://one.example' }, { url: 'https://two.example', genesis: GENESIS }],
    },
  },
  label: { text: 'attic', yaml: 'attic' },
  logLevel: { text: 'debug', yaml: 'debug' },
  logFormat: { text: 'json', yaml: 'json' },
  passphrase: { text: 'hush hush', yaml: 'hush hush' },
  passphraseFile: { text: '/run/secrets/p', yaml: '/run/secrets/p' },
  shutdownGraceMs: { text: '1500', yaml: 1500 },
  allowInsecure: { text: 'true', yaml: true },
  'runtime.driver': { text: 'external', yaml: 'external', with: { RESULTITY_RUNTIME_SOCKET: '/run/e.sock' } },
  'runtime.engine': { text: 'ollama', yaml: 'ollama' },
  'runtime.url': {
    text: 'http://127.0.0.1:8000',
    yaml: 'http://127.0.0.1:8000',
    with: { RESULTITY_RUNTIME_DRIVER: 'external' },
  },
  'runtime.socket': {
    text: '/run/e.sock',
    yaml: '/run/e.sock',
    with: { RESULTITY_RUNTIME_DRIVER: 'external' },
  },
  'runtime.command': { text: '["vllm", "serve"]', yaml: ['vllm', 'serve'] },
  'runtime.slots': { text: '4', yaml: 4 },
  'runtime.containerSocket': { text: '/run/docker.sock', yaml: '/run/docker.sock', with: inContainer },
  'runtime.memoryBytes': { text: '8589934592', yaml: 8_589_934_592, with: inContainer },
  'runtime.cpus': { text: '8', yaml: 8, with: inContainer },
  'runtime.gpus': { text: 'GPU-1a2b MIG-3c4d', yaml: ['GPU-1a2b', 'MIG-3c4d'], with: inContainer },
  'runtime.socketDirectory': { text: '/run/resultity', yaml: '/run/resultity', with: inContainer },
  'runtime.socketVolume': {
    text: 'resultity-socket',
    yaml: 'resultity-socket',
    with: { ...inContainer, RESULTITY_RUNTIME_SOCKET_DIRECTORY: '/run/resultity' },
  },
  'runtime.modelsVolume': { text: 'resultity-models', yaml: 'resultity-models', with: inContainer },
  'console.enabled': { text: 'false', yaml: false },
  'console.port': { text: '0', yaml: 0 },
  'console.address': { text: '0.0.0.0', yaml: '0.0.0.0' },
  'console.hosts': { text: 'node gpu-1.lan', yaml: ['node', 'gpu-1.lan'] },
  'console.inspector': { text: 'false', yaml: false },
  'console.classic': { text: '7541', yaml: 7541 },
  'console.classicOrigins': {
    text: 'https://stately.ai http://localhost:3000',
    yaml: ['https://stately.ai', 'http://localhost:3000'],
    with: { RESULTITY_CONSOLE_CLASSIC: '0' },
  },
  'console.stately': { text: 'ws://127.0.0.1:8080/room', yaml: 'ws://127.0.0.1:8080/room' },
};

const valueAt = (tree: unknown, name: string): unknown =>
  name.split('.').reduce<unknown>((value, part) => Reflect.get(Object(value), part), tree);
const nested = (name: string, value: unknown): unknown =>
  name.split('.').reduceRight((inner, part) => ({ [part]: inner }), value);

/** Flags that say what they do rather than where the setting is. */
const NAMED_FLAGS = ['--inspect-classic', '--inspect-classic-origins', '--inspect-stately'];

test('describes every key once, with variable and flag made by one rule', () => {
  const keys = describeConfigKeys();
  expect(keys.map(({ name }) => name)).toEqual(Object.keys(samples));
  for (const key of keys) {
    expect(key.env).toMatch(/^RESULTITY_[A-Z]+(_[A-Z]+)*$/);
    expect(key.description).toMatch(/\.$/);
    if (key.flag !== null && key.name !== 'console.enabled' && !NAMED_FLAGS.includes(key.flag)) {
      const flag = key.flag.replace(/^--no-/, '--');
      expect(flag.slice(2).replaceAll('-', '_').toUpperCase()).toBe(key.env.slice('RESULTITY_'.length));
    }
  }
  expect(keys.find(({ name }) => name === 'runtime.engine')).toEqual({
    name: 'runtime.engine',
    env: 'RESULTITY_RUNTIME_ENGINE',
    flag: '--runtime-engine',
    attribute: 'runtimeEngine',
    type: 'choice',
    accepts: 'one of vllm, vllm-cpu, llama.cpp, ollama, simulator',
    default: 'vllm',
    description: 'Which inference engine it is.',
    secret: false,
    repeatable: false,
    aliases: { 'llama-cpp': 'llama.cpp', llamacpp: 'llama.cpp' },
  });
});

test.each(describeConfigKeys())('sets $name by variable, flag and file alike', async (key) => {
  const host = await emptyHost();
  const sample = samples[key.name];
  if (sample === undefined) throw new Error(`no sample for ${key.name}`);
  const environment = { ...host.environment, ...sample.with };
  const byVariable = loadConfig({ ...host, environment: { ...environment, [key.env]: sample.text } });
  expect(byVariable.origins[key.name]).toEqual({ from: 'environment', name: key.env });
  if (key.secret) {
    expect(byVariable.config.passphrase?.reveal()).toBe(sample.text);
    return;
  }
  const holds = ({ config }: ReturnType<typeof loadConfig>): void => {
    if (sample.held === undefined) expect(valueAt(config, key.name)).toEqual(sample.yaml);
    else expect(config).toMatchObject(sample.held);
  };
  holds(byVariable);
  const byFlag = loadConfig({ ...host, environment, flags: { [key.attribute]: sample.text } });
  holds(byFlag);
  expect(byFlag.origins[key.name]).toEqual({ from: 'flag', name: key.flag });
  const config = join(host.home, 'node.yaml');
  await writeFile(config, `# the node\n${stringify(nested(key.name, sample.yaml))}`);
  const byFile = loadConfig({ ...host, environment, flags: { config } });
  holds(byFile);
  const line = 2 + (key.name.includes('.') ? 1 : 0) + (Array.isArray(sample.yaml) ? 1 : 0);
  expect(byFile.origins[key.name]).toEqual({ from: 'file', name: `${config}:${line}` });
});

test('lets flags win over variables, these over the file, and that over defaults', async () => {
  const host = await emptyHost();
  const config = join(host.home, 'node.yaml');
  await writeFile(config, 'label: file\nlogLevel: warn\nlogFormat: pretty\n');
  const {
    origins,
    config: got,
    file,
  } = loadConfig({
    ...host,
    environment: {
      ...host.environment,
      RESULTITY_CONFIG: config,
      RESULTITY_LABEL: 'variable',
      RESULTITY_LOG_LEVEL: 'error',
    },
    flags: { label: 'flag', json: true },
  });
  expect([got.label, got.logLevel, got.logFormat, got.shutdownGraceMs]).toEqual([
    'flag',
    'error',
    'pretty',
    8000,
  ]);
  expect(['label', 'logLevel', 'logFormat', 'shutdownGraceMs'].map((name) => origins[name]?.from)).toEqual([
    'flag',
    'environment',
    'file',
    'default',
  ]);
  expect(origins.networkUrl).toBeUndefined();
  expect(file).toBe(config);
});

test('has defaults for everything that needs one, and cannot be changed', async () => {
  const host = await emptyHost();
  const { config, file } = loadConfig(host);
  expect(config).toEqual({
    dataDir: join(host.home, '.local/state/resultity'),
    logLevel: 'info',
    logFormat: 'auto',
    shutdownGraceMs: 8000,
    allowInsecure: false,
    networks: [],
    runtime: { driver: 'process', engine: 'vllm' },
    console: { enabled: true, port: 7540, address: '127.0.0.1', inspector: true },
  });
  expect(file).toBeUndefined();
  expect(() => Object.assign(config.runtime, { driver: 'external' })).toThrow(TypeError);
  expect(() => Object.assign(config.console, { classic: 1 })).toThrow(TypeError);
  expect(() => Object.assign(config, { label: 'x' })).toThrow(TypeError);
});

test('keeps state where the system wants it', async () => {
  const host = await emptyHost();
  const dataDir = (more: Partial<ConfigSources>) => loadConfig({ ...host, ...more }).config.dataDir;
  expect(dataDir({ uid: 0 })).toBe('/var/lib/resultity');
  expect(dataDir({ environment: { XDG_STATE_HOME: '/state' } })).toBe('/state/resultity');
  expect(dataDir({ environment: { HOME: '/h', XDG_STATE_HOME: 'relative' } })).toBe(
    '/h/.local/state/resultity',
  );
  expect(dataDir({ flags: { dataDir: 'here' } })).toBe('/srv/here');
  expect(dataDir({ flags: { dataDir: '~/there' } })).toBe(join(homedir(), 'there'));
  await writeFile(join(host.home, 'node.yaml'), 'dataDir: beside\n');
  expect(dataDir({ flags: { config: join(host.home, 'node.yaml') } })).toBe(join(host.home, 'beside'));
});

test('finds the file of the user before that of the system', async () => {
  const host = await emptyHost();
  const systemFile = join(host.home, 'system.yaml');
  await writeFile(systemFile, 'label: system\n');
  expect(loadConfig({ ...host, systemFile }).config.label).toBe('system');
  await mkdir(join(host.home, '.config/resultity'), { recursive: true });
  await writeFile(join(host.home, '.config/resultity/node.yaml'), 'label: user\n');
  expect(loadConfig({ ...host, systemFile }).config.label).toBe('user');
  expect(problemsOf({ ...host, flags: { config: 'none.yaml' } })).toEqual([
    {
      key: 'config',
      origin: '/srv/none.yaml',
      problem: 'cannot be read (ENOENT)',
      accepts: expect.any(String),
    },
  ]);
});

test('lists every problem at once, with its place and what is accepted', async () => {
  const host = await emptyHost();
  const config = join(host.home, 'node.yaml');
  await writeFile(config, 'lable: attic\nruntime:\n  slots: none\n  drivr: process\nlogFormat: 7\n');
  const sources = {
    ...host,
    environment: {
      ...host.environment,
      RESULTITY_LOGLEVEL: 'debug',
      RESULTITY_ALLOW_INSECURE: 'maybe',
      RESULTITY_NETWORK_URL: 'https://user:hunter2@network.example',
    },
    flags: { config, logLevel: 'loud', runtimeUrl: 'http://127.0.0.1:1' },
  };
  const problem = 'the value is not accepted';
  expect(problemsOf(sources)).toEqual([
    {
      key: 'RESULTITY_LOGLEVEL',
      origin: 'environment',
      problem: 'no such variable',
      accepts: 'did you mean RESULTITY_LOG_LEVEL?',
    },
    { key: 'lable', origin: `${config}:1`, problem: 'no such setting', accepts: 'did you mean label?' },
    {
      key: 'runtime.drivr',
      origin: `${config}:4`,
      problem: 'no such setting',
      accepts: 'did you mean runtime.driver?',
    },
    {
      key: 'networkUrl',
      origin: 'variable RESULTITY_NETWORK_URL',
      problem,
      accepts: expect.stringContaining('without user name'),
    },
    {
      key: 'logLevel',
      origin: 'flag --log-level',
      problem: '"loud" is not accepted',
      accepts: expect.stringContaining('accepts one of trace, debug'),
    },
    {
      key: 'logFormat',
      origin: `file ${config}:5`,
      problem: '"7" is not accepted',
      accepts: 'accepts one of json, pretty, auto',
    },
    {
      key: 'allowInsecure',
      origin: 'variable RESULTITY_ALLOW_INSECURE',
      problem: '"maybe" is not accepted',
      accepts: 'accepts true or false',
    },
    {
      key: 'runtime.slots',
      origin: `file ${config}:3`,
      problem: '"none" is not accepted',
      accepts: 'accepts a whole number from 1 to 4096',
    },
    {
      key: 'runtime.url',
      origin: 'flag --runtime-url',
      problem: 'the node itself chooses where an engine listens that it starts',
      accepts: 'leave it out, or set runtime.driver to external',
    },
  ]);
  expect(() => loadConfig(sources)).toThrow(expect.objectContaining({ code: 'CONFIG', retryable: false }));
  expect(() => loadConfig(sources)).not.toThrow(/hunter2/);
});

test('judges no rule by a setting that is wrong itself', async () => {
  const host = await emptyHost();
  const flags = { runtimeDriver: 'externl', runtimeUrl: 'http://gpu.example', allowInsecure: 'perhaps' };
  expect(problemsOf({ ...host, flags }).map(({ key }) => key)).toEqual(['allowInsecure', 'runtime.driver']);
});

test('never shows a secret, and takes none from the file', async () => {
  const host = await emptyHost();
  const loaded = loadConfig({
    ...host,
    environment: { ...host.environment, RESULTITY_PASSPHRASE: 'hunter2' },
  });
  const shown = [
    JSON.stringify(loaded),
    inspect(loaded, { depth: 9, showHidden: true }),
    String(loaded.config.passphrase),
  ];
  expect(shown.join()).not.toContain('hunter2');
  const empty = loadConfig({ ...host, environment: { ...host.environment, RESULTITY_PASSPHRASE: '' } });
  expect(empty.config.passphrase?.reveal()).toBe('');
  const config = join(host.home, 'node.yaml');
  await writeFile(config, 'passphrase: hunter2\n');
  const problems = problemsOf({ ...host, flags: { config } });
  expect(problems).toEqual([
    {
      key: 'passphrase',
      origin: `${config}:1`,
      problem: 'a secret does not belong in the file',
      accepts: 'use passphraseFile or the variable RESULTITY_PASSPHRASE',
    },
  ]);
  await writeFile(config, 'passphrase: "hunter2\n');
  expect(JSON.stringify(problemsOf({ ...host, flags: { config } }))).toMatch(/not YAML \(MISSING_CHAR\)/);
  expect(JSON.stringify(problemsOf({ ...host, flags: { config } }))).not.toContain('hunter2');
});

test('counts an empty variable as unset, and lets names of others pass', async () => {
  const host = await emptyHost();
  const environment = {
    ...host.environment,
    RESULTITY_LABEL: '',
    RESULTITY_NETWORK_SERVICE_HOST: '10.0.0.1', // a Kubernetes service called resultity-network
    RESULTITY_NETWORK_PORT: 'tcp://10.0.0.1:80',
    RESULTITY_NETWORK_PORT_80_TCP_ADDR: '10.0.0.1',
    RESULTITY_CLAIM_TOKEN: 'x',
  };
  expect(problemsOf({ ...host, environment }).map(({ key }) => key)).toEqual(['RESULTITY_CLAIM_TOKEN']);
  const { config } = loadConfig({ ...host, environment, otherVariables: ['RESULTITY_CLAIM_TOKEN'] });
  expect(config.label).toBeUndefined();
});

test.each([
  ['ws://127.0.0.1:1', 0],
  ['http://localhost:1', 0],
  ['http://node.localhost', 0],
  ['ws://[::1]:1', 0],
  ['wss://network.example', 0],
  ['http://network.example', 1],
  ['ws://127.0.0.1.evil.example', 1],
  ['ws://127.evil.example', 1],
  ['http://0.0.0.0', 1],
])('asks for encryption beyond this host: %s', async (networkUrl, broken) => {
  const host = await emptyHost();
  expect(problemsOf({ ...host, flags: { networkUrl } })).toHaveLength(broken);
  expect(problemsOf({ ...host, flags: { networkUrl, allowInsecure: true } })).toEqual([]);
});

test.each<[Record<string, unknown>, string[]]>([
  [{ runtimeDriver: 'external' }, ['runtime.driver']],
  [{ runtimeDriver: 'external', runtimeUrl: 'http://localhost:1', runtimeSocket: '/s' }, ['runtime.driver']],
  [{ runtimeDriver: 'external', runtimeSocket: '/s', runtimeCommand: ['x'] }, ['runtime.command']],
  [{ runtimeUrl: 'http://gpu.example:1' }, ['runtime.url', 'runtime.url']],
  [{ runtimeSocket: '/s' }, ['runtime.socket']],
  [{ runtimeDriver: 'external', runtimeSocket: '/s' }, []],
  [{ runtimeDriver: 'container' }, []],
  [
    { runtimeDriver: 'container', runtimeCommand: 'vllm', runtimeSocket: '/s' },
    ['runtime.command', 'runtime.socket'],
  ],
  [{ runtimeGpus: 'all', runtimeCpus: '2' }, ['runtime.cpus', 'runtime.gpus']],
  [{ runtimeDriver: 'container', runtimeSocketVolume: 'sockets' }, ['runtime.socketVolume']],
])('tells which settings do not fit together: %o', async (flags, keys) => {
  const host = await emptyHost();
  expect(problemsOf({ ...host, flags }).map(({ key }) => key)).toEqual(keys);
});

test.each([
  '- a list',
  'just words',
  '"__proto__": {"label": "x"}',
  'runtime: process',
  '&a [*a]',
  '!!js/regexp x',
])('refuses a file that holds %s', async (text) => {
  const host = await emptyHost();
  const config = join(host.home, 'node.yaml');
  await writeFile(config, text);
  expect(problemsOf({ ...host, flags: { config } })).not.toEqual([]);
  await writeFile(config, '# nothing set\nlabel:\nruntime:\n');
  expect(problemsOf({ ...host, flags: { config } })).toEqual([]);
});

test('names an engine the node knows, in either spelling', async () => {
  const host = await emptyHost();
  const engines = ['vllm', 'vllm-cpu', 'llama.cpp', 'llama-cpp', 'ollama', 'simulator'].map(
    (runtimeEngine) => loadConfig({ ...host, flags: { runtimeEngine } }).config.runtime.engine,
  );
  expect(engines.map((engine) => engineByKey(engine).key)).toEqual(engines);
  expect(engines.slice(2, 4)).toEqual(['llama.cpp', 'llama.cpp']);
});

test('reads a command as words or as a JSON array', async () => {
  const host = await emptyHost();
  const command = (runtimeCommand: unknown) =>
    loadConfig({ ...host, flags: { runtimeCommand } }).config.runtime.command;
  expect(command('vllm  serve ')).toEqual(['vllm', 'serve']);
  expect(command('["/opt/my engine", "--x"]')).toEqual(['/opt/my engine', '--x']);
  expect(command(['vllm', 'serve'])).toEqual(['vllm', 'serve']);
  expect(problemsOf({ ...host, flags: { runtimeCommand: '["half' } })).toHaveLength(1);
  expect(problemsOf({ ...host, flags: { runtimeCommand: ' ' } })).toHaveLength(1);
});

test.each([
  ['runtimeContainerSocket', 'unix:///run/docker.sock', '/run/docker.sock'],
  ['runtimeContainerSocket', 'tcp://127.0.0.1:2375', undefined],
  ['runtimeContainerSocket', 'docker.sock', undefined],
  ['runtimeGpus', 'none', ['none']],
  ['runtimeGpus', 'all GPU-1a2b', undefined],
  ['runtimeGpus', '0', undefined],
  ['runtimeSocketVolume', '/var/lib/sockets', undefined],
  ['runtimeMemoryBytes', '32GiB', undefined],
])('an engine in a container: %s %s', async (attribute, text, accepted) => {
  const host = await emptyHost();
  const flags = { runtimeDriver: 'container', [attribute]: text };
  const name = attribute.replace(/^runtime(.)/, (_, first: string) => `runtime.${first.toLowerCase()}`);
  if (accepted === undefined) {
    expect(problemsOf({ ...host, flags }).map(({ key }) => key)).toEqual([name]);
    return;
  }
  expect(valueAt(loadConfig({ ...host, flags }).config, name)).toEqual(accepted);
});

test('says why an engine behind TCP is refused, and what to do', async () => {
  const host = await emptyHost();
  const flags = { runtimeDriver: 'container', runtimeContainerSocket: 'tcp://127.0.0.1:2375' };
  expect(problemsOf({ ...host, flags })).toMatchObject([
    { accepts: expect.stringMatching(/no tcp:\/\/ address.*forward it to a local socket/) },
  ]);
});

test('finds the nearest name', () => {
  expect(nearestName('RESULTITY_LOGLEVEL', ['RESULTITY_LABEL', 'RESULTITY_LOG_LEVEL'])).toBe(
    'RESULTITY_LOG_LEVEL',
  );
  expect(nearestName('x', [])).toBeUndefined();
});

test.each([
  ['consoleClassic', '65536', false],
  ['consoleClassicOrigins', 'https://stately.ai/viz', false],
  ['consoleClassicOrigins', '*', false],
  ['consoleClassicOrigins', 'https://stately.ai', true],
  ['consoleStately', 'wss://relay.example/room', true],
  ['consoleStately', 'ws://relay.example/room', false],
  ['consoleStately', 'https://stately.ai', false],
])('an inspector: %s %s', async (attribute, text, accepted) => {
  const host = await emptyHost();
  const flags = { inspectClassic: '0', [attribute.replace('console', 'inspect')]: text };
  const name = attribute.replace(/^console(.)/, (_, first: string) => `console.${first.toLowerCase()}`);
  expect(problemsOf({ ...host, flags }).map(({ key }) => key)).toEqual(accepted ? [] : [name]);
});

test('origins of pages need the port they may attach to', async () => {
  const host = await emptyHost();
  const flags = { inspectClassicOrigins: 'https://stately.ai' };
  expect(problemsOf({ ...host, flags }).map(({ key }) => key)).toEqual(['console.classicOrigins']);
});

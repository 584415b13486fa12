// What goes wrong at the command line: each says what, why and what to do, with an exit code a script can use.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, loadConfig } from '../../src/config.js';
import { startDaemon } from '../../src/main.js';
import { run, startNetworkProcess, startNodeProcess, temporaryDirectory, until } from './processes.js';

describe('the command line', () => {
  test('names an unknown flag and the way to help', async () => {
    const { code, stderr } = await run(['start', '--netwrok-url', 'http://127.0.0.1:1']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--netwrok-url'");
    expect(stderr).toContain('--network-url');
  });

  test('lists every bad setting with its origin', async () => {
    const directory = await temporaryDirectory();
    const { code, stderr } = await run(
      ['start', '--data-dir', directory, '--network-url', 'ftp://x', '--shutdown-grace-ms', 'soon'],
      directory,
    );
    expect(code).toBe(78);
    expect(stderr).toContain('networkUrl');
    expect(stderr).toContain('shutdownGraceMs');
  });

  test('says which key of the settings file it does not know', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'node.yaml'), 'networkUrl: http://127.0.0.1:7530\nlabell: x\n');
    const { code, stderr } = await run(
      ['start', '--config', join(directory, 'node.yaml'), '--data-dir', directory],
      directory,
    );
    expect(code).toBe(78);
    expect(stderr).toContain('labell');
  });

  test('tells that no node is running, in words and in JSON', async () => {
    const directory = await temporaryDirectory();
    const words = await run(['status', '--data-dir', directory], directory);
    expect(words.code).toBe(4);
    expect(words.stderr).toContain('resultity-node start');
    const json = await run(['status', '--data-dir', directory, '--json'], directory);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'DAEMON_NOT_RUNNING' } });
  });

  test('shows examples in every help text', async () => {
    for (const verb of [
      'init',
      'start',
      'status',
      'claim',
      'jobs',
      'models',
      'report',
      'identity show',
      'demo',
      'simulate-engine',
      'network start',
    ]) {
      const { code, stdout } = await run([...verb.split(' '), '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
    }
  });
});

describe('the data directory', () => {
  test('belongs to one daemon: a second one is told who holds it', async () => {
    const directory = await temporaryDirectory();
    const network = await startNetworkProcess(directory);
    const node = startNodeProcess(directory, network.url);
    await until(
      'the first daemon answers',
      () => node.control.status(),
      () => true,
    );
    const { code, stderr } = await run(
      ['start', '--data-dir', node.dataDir, '--network-url', network.url, '--runtime-engine', 'simulator'],
      directory,
    );
    expect(code).toBe(7);
    expect(stderr).toContain('DAEMON_RUNNING');
  });

  test('without its key beside other state is a stop, never a new identity', async () => {
    const directory = await temporaryDirectory();
    const dataDir = join(directory, 'node');
    await mkdir(join(dataDir, 'networks', 'devnet'), { recursive: true });
    await chmod(dataDir, 0o700);
    const { code, stderr } = await run(['init', '--data-dir', dataDir], directory);
    expect(code).toBe(1);
    expect(stderr).toContain('IDENTITY_MISSING');
    expect(stderr).toContain('backup');
  });

  test('makes one identity and finds it again', async () => {
    const directory = await temporaryDirectory();
    const dataDir = join(directory, 'node');
    const first = await run(['init', '--data-dir', dataDir, '--json'], directory);
    const second = await run(['init', '--data-dir', dataDir, '--json'], directory);
    const shown = await run(['identity', 'show', '--data-dir', dataDir, '--json'], directory);
    const { nodeId } = JSON.parse(first.stdout) as { nodeId: string };
    expect(JSON.parse(first.stdout)).toMatchObject({ created: true });
    expect(JSON.parse(second.stdout)).toMatchObject({ created: false, nodeId });
    expect(JSON.parse(shown.stdout)).toMatchObject({ nodeId });
  });
});

describe('a daemon that cannot start', () => {
  test('gives the data directory back: the same fault is told again, not a running daemon', async () => {
    const directory = await temporaryDirectory();
    const config: Config = loadConfig({
      flags: { dataDir: join(directory, 'deep'.repeat(30)), networkUrl: 'http://127.0.0.1:9' },
      environment: {},
    }).config;
    for (const _ of [1, 2]) {
      await expect(startDaemon(config, { write: () => true })).rejects.toMatchObject({
        code: 'CONTROL_SOCKET',
      });
    }
  });
});

describe('the network', () => {
  test('says that a port is taken', async () => {
    const directory = await temporaryDirectory();
    const network = await startNetworkProcess(directory);
    const { code, stderr } = await run(
      ['network', 'start', '--data-dir', join(directory, 'other'), '--port', String(network.port)],
      directory,
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain(String(network.port));
    expect(stderr).toMatch(/--port/);
  });

  test('that is not there is waited for with growing pauses, and the node says so', async () => {
    const directory = await temporaryDirectory();
    const node = startNodeProcess(directory, 'http://127.0.0.1:9');
    const status = await until(
      'the node waits for the network',
      () => node.control.status(),
      ({ failure }) => failure?.code === 'NETWORK_UNREACHABLE',
    );
    expect(status.stage).toBe('setup');
    expect(status.failure?.advice).toContain('URL of the network');
    expect(await node.kill('SIGTERM')).toBe(0);
  });
});

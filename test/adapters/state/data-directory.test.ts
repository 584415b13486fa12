import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openDataDirectory } from '../../../src/adapters/state/data-directory.js';
import { scratch } from './scratch.js';

test('makes the directory for its owner alone, with the folders of a network', async () => {
  const root = join(await scratch(), 'deep', 'data');
  const directory = await openDataDirectory(root);
  await directory.makeNetwork('devnet');
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  expect((await stat(directory.paths.network('devnet').jobs)).mode & 0o777).toBe(0o700);
  expect((await stat(directory.paths.lock)).mode & 0o777).toBe(0o600);
  expect(directory.paths.network('devnet').floor).toBe(join(root, 'networks/devnet/floor.json'));
  await directory.release();
});

test('does not take a folder it cannot look into for an empty one', async () => {
  const root = await scratch();
  await writeFile(join(root, 'networks'), 'not a folder');
  const directory = await openDataDirectory(root);
  await expect(directory.hasOtherState()).rejects.toMatchObject({
    code: 'DATA_DIRECTORY',
    message: expect.stringContaining('ENOTDIR'),
  });
  await directory.release();
});

test('never makes a path of a name that is not a network', async () => {
  const directory = await openDataDirectory(await scratch());
  expect(() => directory.paths.network('../../etc')).toThrow();
  await directory.release();
});

test('writes who holds it, refuses a second daemon by name, and can be taken again once released', async () => {
  const root = await scratch();
  const directory = await openDataDirectory(root);
  const holder: unknown = JSON.parse(await readFile(directory.paths.lock, 'utf8'));
  expect(holder).toEqual({ pid: process.pid, host: hostname(), started_ms: expect.any(Number) });
  await expect(openDataDirectory(root)).rejects.toMatchObject({
    code: 'DAEMON_RUNNING',
    message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    details: { pid: process.pid, host: hostname() },
  });
  await directory.release();
  await directory.release();
  expect(await readFile(directory.paths.lock, 'utf8')).toBe('');
  await (await openDataDirectory(root)).release();
});

test('waits for the name of a holder that has only just locked, and names none that is gone', async () => {
  const root = await scratch();
  const directory = await openDataDirectory(root);
  const gone = spawn(process.execPath, ['--version']);
  await once(gone, 'exit');
  await writeFile(
    directory.paths.lock,
    JSON.stringify({ pid: gone.pid, host: hostname(), started_ms: 0 }), // the one before was killed
  );
  const refused = expect(openDataDirectory(root)).rejects.toThrow(`process ${process.ppid} on ${hostname()}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await writeFile(
    directory.paths.lock,
    JSON.stringify({ pid: process.ppid, host: hostname(), started_ms: 0 }),
  );
  await refused;
  await directory.release();
});

test('refuses by the lock alone when its words cannot be read', async () => {
  const root = await scratch();
  const directory = await openDataDirectory(root);
  await writeFile(directory.paths.lock, 'half a li');
  await expect(openDataDirectory(root)).rejects.toThrow(/another daemon holds .*lock$/);
  await directory.release();
});

test('is refused while another process lives, and free the moment it is killed', async () => {
  const root = await scratch();
  const source = `
    const { openSync, writeSync } = require('node:fs');
    const { tryLock } = require('fs-native-extensions');
    const file = openSync(process.argv[1], 'w');
    if (!tryLock(file)) process.exit(1);
    writeSync(file, JSON.stringify({ pid: process.pid, host: 'elsewhere', started_ms: 0 }));
    console.log('held');
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['-e', source, join(root, 'lock')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  await expect(openDataDirectory(root)).rejects.toThrow(
    `process ${other.pid} on elsewhere, since 1970-01-01`,
  );
  const gone = once(other, 'exit');
  other.kill('SIGKILL');
  await gone;
  await (await openDataDirectory(root)).release();
});

test('tells other state from the key and its company', async () => {
  const root = await scratch();
  const directory = await openDataDirectory(root);
  for (const name of ['identity.json', 'passphrase', 'node.yaml']) await writeFile(join(root, name), 'x');
  await mkdir(join(root, 'networks'));
  expect(await directory.hasOtherState()).toBe(false);
  await directory.makeNetwork('testnet');
  await directory.makeNetwork('devnet');
  await mkdir(join(root, 'networks', 'lost+found'));
  await mkdir(join(root, 'models', 'sha256-1'), { recursive: true });
  expect(await directory.networks()).toEqual(['devnet', 'testnet']);
  expect(await directory.otherState()).toEqual([
    'networks/devnet',
    'networks/lost+found',
    'networks/testnet',
    'models/sha256-1',
  ]);
  expect(await directory.hasOtherState()).toBe(true);
  await directory.release();
});

test('closes an open directory that is empty or its own, and refuses one with files of others', async () => {
  const root = await scratch();
  await chmod(root, 0o755);
  await (await openDataDirectory(root)).release();
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  await chmod(root, 0o755);
  await (await openDataDirectory(root)).release();
  expect((await stat(root)).mode & 0o777).toBe(0o700);
  const home = await scratch();
  await writeFile(join(home, 'letters.txt'), 'x');
  await chmod(home, 0o755);
  await expect(openDataDirectory(home)).rejects.toMatchObject({
    code: 'DATA_DIRECTORY',
    advice: expect.stringContaining(`chmod 700 ${home}`),
  });
  expect((await stat(home)).mode & 0o777).toBe(0o755);
});

test('says which path is no directory', async () => {
  const root = await scratch();
  await writeFile(join(root, 'file'), 'x');
  await expect(openDataDirectory(join(root, 'file'))).rejects.toMatchObject({
    code: 'DATA_DIRECTORY',
    message: expect.stringContaining(join(root, 'file')),
  });
});

test('refuses a directory that belongs to another user, with the command that helps', async () => {
  const root = await scratch();
  const mine = process.getuid?.() ?? 0;
  vi.spyOn(process, 'getuid').mockReturnValue(mine + 1);
  onTestFinished(() => void vi.restoreAllMocks());
  await expect(openDataDirectory(root)).rejects.toMatchObject({
    code: 'DATA_DIRECTORY',
    message: expect.stringContaining(`belongs to user ${mine}`),
    advice: expect.stringContaining(`chown -R ${mine + 1} ${root}`),
  });
});

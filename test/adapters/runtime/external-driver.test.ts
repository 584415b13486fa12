import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createExternalDriver } from '../../../src/adapters/runtime/external-driver.js';
import { spec } from './specs.js';

const start = (address: string) =>
  createExternalDriver(address).start(
    spec(),
    { exited: () => {}, noticed: () => {} },
    new AbortController().signal,
  );

test.each([
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
  ['http://gpu.local:8000/', 'http://gpu.local:8000'],
  ['https://[::1]:8443', 'https://[::1]:8443'],
])('%s is an address', async (address, url) => {
  await expect(start(address)).resolves.toEqual({ address: { kind: 'tcp', url }, adopted: false });
});

test.each([
  ['', /not a URL/],
  ['localhost:8000', /neither http nor https/],
  ['ftp://h', /neither http nor https/],
  ['http://user:secret@h', /user name or password/],
  ['http://h:8000/v1', /has a path/],
  ['unix:/nowhere/engine.sock', /leads to no socket/],
  ['/nowhere/engine.sock', /leads to no socket/],
])('%s is refused with advice that repeats no secret', async (address, message) => {
  const error = await start(address).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 'RUNTIME_START',
    retryable: false,
    details: { reason: 'address' },
    message: expect.stringMatching(message),
    advice: expect.any(String),
  });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
});

test('a Unix socket is accepted, through a link too; a file in its place is not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'external-'));
  const path = join(directory, 'engine.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  symlinkSync(path, join(directory, 'link'));
  writeFileSync(join(directory, 'file'), '');
  const address = { kind: 'unix', path, ownerUid: process.getuid?.() };
  await expect(start(path)).resolves.toEqual({ address, adopted: false });
  await expect(start(`unix:${join(directory, 'link')}`)).resolves.toEqual({ address, adopted: false });
  await expect(start(join(directory, 'file'))).rejects.toThrow(/not a socket/);
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

test('stopping and reconciling leave the engine alone', async () => {
  const driver = createExternalDriver('http://127.0.0.1:8000');
  await driver.reconcile(spec());
  await driver.stop(0);
  expect(driver.kind).toBe('external');
});

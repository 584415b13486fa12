// A node opens what every released version of it has left behind, for ever.
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AGENT_VERSION } from '../../src/version.js';
import { readRelease, writeRelease } from './data-of-a-release.js';

const versions = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const scratch = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

test('has the data of the version in package.json: `npm run release-data` writes it, once for each release', () => {
  expect(versions).toContain(AGENT_VERSION);
});

test.for(versions)('opens the data directory of %s', async (version) => {
  const kept = join(import.meta.dirname, version);
  const data = join(scratch(), 'data');
  cpSync(join(kept, 'data'), data, { recursive: true });
  // What a checkout does not keep: that the key is its owner's alone.
  chmodSync(join(data, 'identity.json'), 0o600);
  const found = await readRelease(data);
  expect(found).toEqual(JSON.parse(readFileSync(join(kept, 'found.json'), 'utf8')));
});

test('reads what it writes itself', async () => {
  const place = scratch();
  const data = join(place, 'data');
  await writeRelease(data, place);
  expect(await readRelease(data)).toMatchObject({
    networks: ['devnet'],
    config: 2,
    journal: { corrupt: [] },
  });
});

// `npm run release-data` writes the data directory of this version to test/releases, where every later version must open
// it. Once for each release: what has been released is never written again.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AGENT_VERSION } from '../../src/version.js';
import { readRelease, writeRelease } from '../../test/releases/data-of-a-release.js';

const place = resolve(import.meta.dirname, '../../test/releases', AGENT_VERSION);
if (existsSync(place)) {
  console.error(`${place} is there already: raise the version in package.json first`);
  process.exit(1);
}
const scratch = mkdtempSync(join(tmpdir(), 'release-'));
try {
  await writeRelease(join(scratch, 'data'), scratch);
  mkdirSync(place);
  cpSync(join(scratch, 'data'), join(place, 'data'), { recursive: true });
  // Read from another copy: reading repairs and goes on.
  const found = await readRelease(join(scratch, 'data'));
  writeFileSync(join(place, 'found.json'), `${JSON.stringify(found, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

// The key file: whatever happens to it, it opens as the one key it held, or not at all.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createIdentityStore } from '../../../src/adapters/identity/keystore-identity.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';
import { anyDamage, everyDamage } from './damages.js';
import { refusalCode } from './expect-refusal.js';

const PASSPHRASE = 'correct horse battery staple';
/** The least that is allowed: it is run thousands of times. */
const cheap = { N: 2, r: 1, p: 1 };

test('opens no damaged key file as another key', async () => {
  const scratch = memoryScratch();
  const open = async (name: string) => {
    const dir = join(scratch, name);
    mkdirSync(dir);
    const store = createIdentityStore({ dir, scrypt: cheap });
    const { nodeId } = await store.create(PASSPHRASE);
    return { store, nodeId, path: join(dir, 'identity.json') };
  };
  const { store, nodeId, path } = await open('own');
  // Another node's key under the same passphrase is a whole key file: nothing in it can tell.
  const other = readFileSync((await open('other')).path).subarray(0, -1);
  const whole = readFileSync(path);
  const tally = new FaultTally('identity.json');
  onTestFinished(() => tally.file());
  const others = [other, Buffer.from('{}'), Buffer.alloc(whole.length)];
  for (const { kind, bytes } of [...everyDamage(whole), ...anyDamage('identity', whole, 1_500, others)]) {
    writeFileSync(path, bytes);
    try {
      const opened = await store.open(PASSPHRASE);
      expect({ opened: opened.nodeId, bytes: bytes.toString('latin1') }).toMatchObject({ opened: nodeId });
      tally.count(kind, 'unharmed');
    } catch (caught) {
      tally.count(kind, `refused: ${refusalCode(caught)}`);
    }
    // It is never put right by the node: only the owner has another copy.
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['identity.json'] : 0);
});

// The applied configuration on disk carries the network's signatures: a damaged one is never in force.
import { mkdirSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { CONFIG, CONFIG_KEYS, NETWORK, ROOT, TIME_MS } from '../../../scripts/vectors/samples.js';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { NodeError } from '../../../src/errors.js';
import { parseConfigSnapshot } from '../../../src/protocol/config-snapshot.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { ZERO_ADDRESS } from '../../../src/protocol/primitives.js';
import { signDocument, verifyDocument } from '../../../src/protocol/signed-document.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';
import { anyDamage } from './damages.js';

const signed = (version: number): Buffer =>
  signDocument(
    NETWORK,
    { kind: 'config', role: 'config', seq: version, timeMs: TIME_MS, node: ZERO_ADDRESS },
    Buffer.from(JSON.stringify({ ...CONFIG, version })),
    CONFIG_KEYS.slice(0, 2),
  );
const read = (bytes: Buffer) => {
  const expected = { kind: 'config', role: 'config', maxBytes: LIMITS.configBytes } as const;
  return parseConfigSnapshot(verifyDocument(bytes, NETWORK, ROOT, expected).body, NETWORK.name);
};

test('takes up no damaged configuration', async () => {
  const paths = dataPaths(memoryScratch()).network('devnet');
  mkdirSync(paths.directory, { recursive: true });
  const state = await openNetworkState(paths, 'devnet');
  for (const version of [1, 2]) await state.writeConfig(signed(version));
  const tally = new FaultTally('config.json');
  onTestFinished(() => tally.file());
  const others = [signed(1), Buffer.alloc(64), Buffer.from('{"version":1}')];
  for (const { kind, bytes } of anyDamage('config', signed(2), 4_000, others)) {
    writeFileSync(paths.config, bytes);
    const kept = await state.readConfig();
    expect(kept?.equals(bytes)).toBe(true);
    try {
      const found = read(bytes);
      const versions = [1, 2].filter((version) => isDeepStrictEqual(found, { ...CONFIG, version }));
      expect(versions).toHaveLength(1);
      tally.count(kind, versions[0] === 2 ? 'unharmed' : 'an older one the network signed');
    } catch (caught) {
      expect(caught).toBeInstanceOf(NodeError);
      tally.count(kind, `refused: ${caught instanceof NodeError ? caught.code : ''}`);
    }
  }
  // Whatever lies there, the one before can be taken back.
  expect(read((await state.restorePrevious()) ?? Buffer.alloc(0)).version).toBe(1);
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['config.json'] : 0);
});

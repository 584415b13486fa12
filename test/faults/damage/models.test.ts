// An installed model is known by the digests of its files: the record of what it should be is the signed configuration.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createModelStore } from '../../../src/adapters/models/disk-model-store.js';
import { NodeError } from '../../../src/errors.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { manifestDigest } from '../../../src/protocol/model-manifest.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';
import { anyDamage } from './damages.js';

test('serves no model with a damaged file, and brings it back whole', async () => {
  const scratch = memoryScratch();
  const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 31 + (at >> 8)) % 256));
  const source = join(scratch, 'source');
  mkdirSync(source);
  const files = ['config.json', 'weights.gguf'].map((path) => {
    const content = path === 'config.json' ? Buffer.from('{"layers":1}') : bytes;
    writeFileSync(join(source, path), content);
    const sources = [pathToFileURL(join(source, path)).href];
    return { path, size_bytes: content.length, sha256: digestOf(content), sources };
  });
  const digest = manifestDigest(files);
  const store = createModelStore({ dir: join(scratch, 'models'), reserveBytes: 0 });
  const { signal } = new AbortController();
  const install = async (): Promise<string> => {
    await store.download(digest, files, () => undefined, signal);
    await store.verify(digest, files, signal);
    return store.pathOf(digest) ?? '';
  };
  const tally = new FaultTally('models/<digest>');
  onTestFinished(() => tally.file());
  for (const name of ['config.json', 'weights.gguf']) {
    const whole = readFileSync(join(source, name));
    for (const damaged of anyDamage(name, whole, 500, [bytes, Buffer.from('{"layers":2}')])) {
      const path = join(await install(), name);
      chmodSync(path, 0o600);
      writeFileSync(path, damaged.bytes);
      const refused = await store.verify(digest, files, signal).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect(refused).toBeInstanceOf(NodeError);
      expect(store.pathOf(digest)).toBeUndefined();
      tally.count(damaged.kind, `refused: ${refused instanceof NodeError ? refused.code : ''}`);
    }
  }
  expect(readFileSync(join(await install(), 'weights.gguf')).equals(bytes)).toBe(true);
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['models/<digest>'] : 0);
});

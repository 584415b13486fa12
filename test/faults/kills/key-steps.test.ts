// The node is killed while it makes its key and the passphrase of it: the next start needs nobody's help, and a key that
// was ever shown stays.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { History } from '../history/history.js';
import { keyWrittenOnce } from '../history/invariants/i05-key-written-once.js';
import { glanceAtNode } from '../history/read-node.js';
import { inMemory } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { scaled } from '../scale.js';
import { bundledLives } from './bundle-lives.js';
import { type KeyOrder, type KillStep, lifeWord } from './kill-order.js';

const SEEDS = 20;

const disk = (call: Extract<KillStep, { at: 'disk' }>['call'], path: string): KillStep => ({
  at: 'disk',
  call,
  path,
  when: 'after',
});

const STEPS: readonly [name: string, step: KillStep][] = [
  ['passphrase file made', disk('open', '^\\.?passphrase')],
  ['passphrase written', disk('write', '^\\.?passphrase')],
  ['passphrase named', disk('link', '^passphrase$')],
  ['key file made', disk('open', '^\\.?identity\\.json')],
  ['key written', disk('write', '^\\.?identity\\.json')],
  ['key synced', disk('sync', '^\\.?identity\\.json')],
  ['key named', disk('link', '^identity\\.json$')],
  ['key draft removed', disk('remove', '^\\.identity\\.json')],
];

const lives = bundledLives();

/** @returns what it said, and why it failed, if it did */
const live = (order: KeyOrder): Promise<{ readonly words: readonly unknown[]; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [lives().key, JSON.stringify(order)], (_error, stdout, stderr) => {
      const lines = stdout.split('\n').filter(Boolean);
      resolve({ words: lines.map((line) => lifeWord.parse(JSON.parse(line))), stderr });
    });
  });

test.for(STEPS)('kill -9: %s', async ([name, step]) => {
  const seeds = scaled(SEEDS);
  const tally = new FaultTally('node killed');
  const history = new History();
  const root = await mkdtemp(join(inMemory(), 'rk-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (let seed = 0; seed < seeds; seed++) {
    const dataDir = join(root, `node-${seed}`);
    // A write may be cut anywhere; after that each step is one call.
    const kill = { step, nth: 1, delayMs: null, from: 'start' } as const;
    expect((await live({ dataDir, kill })).words).toEqual([{ word: 'dying' }]);
    const { words, stderr } = await live({ dataDir, kill: null });
    expect(words, stderr).toEqual([
      { word: 'identity', node: expect.any(String), created: expect.any(Boolean) },
    ]);
    await glanceAtNode(history, dataDir, 'devnet');
    if (seed === 0) {
      const again = await live({ dataDir, kill: null });
      expect(again.words).toEqual([{ ...(words[0] as object), created: false }]);
      await glanceAtNode(history, dataDir, 'devnet');
    }
    tally.count(name, 'starts again by itself, one key');
  }
  expect(keyWrittenOnce.evidence(history)).toBe(seeds + 1);
  expect(keyWrittenOnce.violations(history)).toEqual([]);
  tally.file();
});

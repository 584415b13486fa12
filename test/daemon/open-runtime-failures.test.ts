// The record of the Runtime's failures as the daemon opens it: kept where it can be, done without where it cannot.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRuntimeFailures } from '../../src/daemon/open-runtime-failures.js';
import { createRepairs } from '../../src/services/repairs.js';
import { recordingLogger } from '../adapters/runtime/specs.js';

const RECORD = { spec_hash: 'a', at_ms: 1, code: 'X', message: 'x', retryable: true, not_before_ms: 1 };

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'open-failures-'));
  directory = join(root, 'runtime');
});
afterEach(() => rm(root, { recursive: true }));

const open = (logger: Logger) => openRuntimeFailures(directory, logger, createRepairs(Date.now));

test('what is recorded is there at the next start, and nothing is said of it', async () => {
  const { logger, lines } = recordingLogger();
  const store = await open(logger);
  await store.update(() => ({ failures: [RECORD] }));
  expect((await open(logger)).data).toEqual({ failures: [RECORD] });
  expect(lines).toEqual([]);
});

test('a corrupt record begins anew, and that is told', async () => {
  await mkdir(directory);
  await writeFile(join(directory, 'failures.json'), 'nonsense');
  const { logger, lines } = recordingLogger();
  expect((await open(logger)).data).toEqual({ failures: [] });
  const kept = [expect.stringMatching(/^failures\.json\.corrupt-/)];
  expect(lines).toMatchObject([
    { event: 'state.repaired', what: 'runtime/failures', how: 'begun_anew', kept },
  ]);
});

test('one that cannot be read is done without, as long as the process lasts', async () => {
  await mkdir(join(directory, 'failures.json'), { recursive: true });
  const { logger, lines } = recordingLogger();
  const store = await open(logger);
  await store.update(() => ({ failures: [RECORD] }));
  expect(store.data).toEqual({ failures: [RECORD] });
  expect(lines).toMatchObject([{ event: 'runtime.history_unreadable', code: 'STATE_READ' }]);
});

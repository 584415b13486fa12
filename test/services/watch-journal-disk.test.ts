import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JournalError } from '../../src/adapters/journal/journal-errors.js';
import { watchJournalDisk } from '../../src/services/watch-journal-disk.js';
import { rememberingLogger } from './rig.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('tells once when the disk takes no more, and once when it does again', async () => {
  const { logger, lines } = rememberingLogger();
  let probes = 0;
  const journal: { trouble: JournalError | null; probe: () => Promise<void> } = {
    trouble: null,
    probe: async () => {
      probes++;
    },
  };
  const changes: (string | null)[] = [];
  const stop = watchJournalDisk({
    journal,
    onChange: () => changes.push(journal.trouble?.code ?? null),
    logger,
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([probes, changes]).toEqual([5, []]);
  journal.trouble = new JournalError('EROFS', { advice: 'mount it writable' });
  await vi.advanceTimersByTimeAsync(10_000);
  journal.trouble = null;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(changes).toEqual(['JOURNAL', null]);
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    'journal.disk_trouble',
    'journal.disk_back',
  ]);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('asks a disk that hangs only once', async () => {
  const { logger } = rememberingLogger();
  const probe = vi.fn(() => new Promise<void>(() => {}));
  const stop = watchJournalDisk({ journal: { trouble: null, probe }, onChange: () => {}, logger });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(probe).toHaveBeenCalledTimes(1);
  stop();
});

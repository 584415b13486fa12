// The host's clock jumps while jobs run. Nothing that is owed hangs on it: no lease, no result, no configuration; what the
// network refuses for it is told once, with what to do.
import { expect, onTestFinished, test } from 'vitest';
import { run, startNodeProcess, temporaryDirectory, until } from '../../e2e/processes.js';
import { draftIn, publish, startWholeSystem, untilReady } from '../../e2e/whole-system.js';
import { linesOf } from '../lines-of.js';
import { expectKept, load, openSessions } from '../links/load.js';
import { FaultTally } from '../report.js';
import { clockObstacle, fakeClock, RIGHT } from './faked-clock.js';

const obstacle = clockObstacle();
const JUMPS: readonly (readonly [string, string])[] = [
  ['an hour ahead', '+1h'],
  ['an hour back', '-1h'],
  ['ten years ahead', '+10y'],
  ['ten years back', '-10y'],
  ['frozen', '2026-01-01 00:00:00'],
];

test.skipIf(obstacle !== undefined)('no job is lost or misdated by a clock that is set', async () => {
  const tally = new FaultTally('clock');
  onTestFinished(() => tally.file());
  const clock = fakeClock(await temporaryDirectory());
  const system = await startWholeSystem({
    tokensPerSecond: 40,
    around: clock.around,
    amend: (draft) => ({ ...draft, ttl: { ...draft.ttl, heartbeat_ms: 1_000 } }),
  });
  const { node, network } = system;
  for (const [name, reading] of JUMPS) {
    const beganMs = Date.now();
    const work = await load(system, { jobs: 4, streams: 1, tokens: 60 });
    await until(
      'jobs run',
      () => node.control.status(),
      (status) => status.jobs.running >= 4,
    );
    clock.set(reading);
    const told = await until(
      'the owner is told of the clock',
      () => node.control.status(),
      ({ failure }) => failure?.code === 'CLOCK_SKEW',
    );
    expect(told.failure?.advice).toContain('set-ntp');
    await expectKept(system, work);
    for (const job of work.jobs) {
      const { receipts } = await network.admin.call('receipts.show', { job });
      for (const { receipt } of receipts) {
        expect(receipt.accepted_ms).toBeGreaterThan(beganMs - 5_000);
        expect(receipt.accepted_ms).toBeLessThan(Date.now() + 5_000);
        expect(receipt.total_ms).toBeLessThan(60_000);
      }
    }
    expect((await node.control.status()).idleReason).toBeNull();
    tally.count(name, 'jobs kept, receipts dated by the network, owner told');
  }
  clock.set(RIGHT);
  await until(
    'nothing is told any more',
    () => node.control.status(),
    ({ failure }) => failure === null,
  );
  expect(openSessions(system)).toBe(1);
  expect(node.output.stdout).not.toContain('link.closed');
  // Reports are signed with the wrong time, refused, and tried again with growing pauses: not in a loop.
  const refused = linesOf(network.output.stderr).filter(({ event }) => event === 'session.refused');
  expect(refused).toEqual([]);
});

test.skipIf(obstacle !== undefined)(
  'a node whose clock is wrong at its first start says so, and registers once it is set',
  async () => {
    const tally = new FaultTally('clock');
    onTestFinished(() => tally.file());
    const { network } = await startWholeSystem({ isUnready: true });
    const directory = await temporaryDirectory();
    const clock = fakeClock(directory, '+1h');
    const node = startNodeProcess(directory, network.url, { around: clock.around });
    const status = await until(
      'it says what is wrong',
      () => node.control.status(),
      ({ failure }) => failure?.code === 'CLOCK_SKEW',
    );
    expect(status).toMatchObject({ stage: 'setup', failure: { retryable: true } });
    expect(status.idleReason).toContain('off by 3600 s');
    const shown = await run(['status', '--data-dir', node.dataDir]);
    expect(shown.stdout).toContain('[CLOCK_SKEW]');
    expect(shown.stdout).toContain('set-ntp');
    clock.set(RIGHT);
    await until(
      'it is connected',
      () => node.control.status(),
      (one) => one.network.connected,
      60_000,
    );
    tally.count('an hour ahead at the first start', 'refused typed, registered once set');
  },
);

test.skipIf(obstacle !== undefined)(
  'a clock put back does not make an expired configuration good',
  async () => {
    const tally = new FaultTally('clock');
    onTestFinished(() => tally.file());
    const networkClock = fakeClock(await temporaryDirectory());
    const { network, node, directory } = await startWholeSystem({ networkAround: networkClock.around });
    await node.kill('SIGTERM');
    const draft = await draftIn(directory);
    const version = await publish(network, { ...draft, expires_in_ms: 60_000 });
    networkClock.set('+2m'); // it has expired
    const clock = fakeClock(directory, '-1h');
    const again = startNodeProcess(directory, network.url, { around: clock.around });
    const { lastSync, config } = await until(
      'it has looked at the expired one',
      () => again.control.status(),
      (status) => status.lastSync !== null,
    );
    expect(lastSync).toMatchObject({ outcome: 'rejected', failure: { message: 'the snapshot has expired' } });
    expect(config?.version).toBe(version - 1);
    await publish(network, draft);
    await until(
      'it takes the next one',
      () => again.control.status(),
      (status) => status.config?.version === version + 1,
    );
    await untilReady(again);
    tally.count('an hour back, configuration expired', 'refused, the next one taken');
  },
);

test('a node that is stopped for half a minute goes on where it was', async () => {
  const tally = new FaultTally('clock');
  onTestFinished(() => tally.file());
  const system = await startWholeSystem({ tokensPerSecond: 20 });
  const { node } = system;
  const work = await load(system, { jobs: 3, streams: 1, tokens: 100 });
  await until(
    'jobs run',
    () => node.control.status(),
    (status) => status.jobs.running >= 4,
  );
  process.kill(node.pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  process.kill(node.pid, 'SIGCONT');
  await expectKept(system, work);
  tally.count('stopped for 30 s (SIGSTOP)', 'jobs kept');
});

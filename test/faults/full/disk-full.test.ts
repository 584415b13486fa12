// A real node whose disk fills up under load: it takes no more jobs and says why, delivers what it has, and goes on by
// itself once there is space.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { FaultTally } from '../report.js';
import { BACK_WITHIN_MS, NodeUnderLoad } from './node-under-load.js';
import { makeSmallDisk, type SmallDisk, smallDiskObstacle } from './small-disk.js';

const FULL = {
  idleReason: expect.stringContaining('the disk of the data directory is full'),
  failure: { code: 'JOURNAL_DISK_FULL', advice: expect.stringContaining('Free space') },
  journal: { hasRoom: false },
};
/** Below what is kept for results, and enough for them. */
const LITTLE_KIB = 400;

test.skipIf(smallDiskObstacle() !== undefined)('outlives a full disk and loses nothing', async () => {
  let disk: SmallDisk | undefined;
  const node = await NodeUnderLoad.start((directory) => {
    mkdirSync(join(directory, 'node'), { mode: 0o700 });
    // Of models and their reserve it could not hold one.
    const made = makeSmallDisk(join(directory, 'node/networks'), 4);
    onTestFinished(() => made.unmount());
    disk = made;
  });
  if (disk === undefined) throw new Error('the disk was not made');
  const tally = new FaultTally('node under load');
  onTestFinished(() => tally.file());

  const short = await node.submit(4);
  const long = await node.submit(12);
  await node.untilRunning(2);
  disk.fill(LITTLE_KIB);
  expect(await node.status()).toMatchObject(FULL);
  const refused = await node.submit(1);
  expect(await node.untilDeclined(refused)).toBe('journal_failed');
  await node.untilCompleted(short);
  tally.count('disk nearly full', 'declined: journal_failed; results delivered');

  disk.fill(0);
  expect(disk.freeKib()).toBeLessThan(8);
  await until(
    'the long job has ended and cannot be sealed',
    () => node.status(),
    ({ jobs }) => jobs.running === 0,
  );
  expect(await node.status()).toMatchObject(FULL);

  disk.empty();
  await until(
    'the node takes jobs again',
    () => node.status(),
    ({ idleReason }) => idleReason === null,
    BACK_WITHIN_MS,
  );
  const after = await node.submit(1);
  await node.untilTaken(after, BACK_WITHIN_MS);
  await node.untilCompleted(long);
  await node.expectNothingLost();
  tally.count('disk full, and emptied', 'results kept and delivered; jobs taken again');
  expect(await node.system.node.kill('SIGTERM')).toBe(0);
});

// A real node whose disk becomes read-only, or fails, under load and is well again later.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { recordingObstacle } from '../crash/record-life.js';
import { FaultTally } from '../report.js';
import { failDisk } from './failing-calls.js';
import { BACK_WITHIN_MS, NodeUnderLoad } from './node-under-load.js';

const ADVICE = { EROFS: 'mounted read-only', EIO: 'Check free space' } as const;

test.skipIf(recordingObstacle() !== undefined).for(['EROFS', 'EIO'] as const)(
  'outlives a disk that answers %s, and loses nothing',
  async (error) => {
    const node = await NodeUnderLoad.start();
    const tally = new FaultTally('node under load');
    onTestFinished(() => tally.file());
    const { dataDir } = node.system.node;
    const network = join(dataDir, 'networks/devnet');
    const { pid } = await node.status();

    const long = await node.submit(4);
    await node.untilRunning(1);
    const files = ['', 'jobs', 'jobs/data.mdb', 'jobs/probe', 'logs', 'logs/current.ndjson'];
    const heal = await failDisk(
      pid,
      files.map((name) => join(network, name)),
      error,
    );
    onTestFinished(heal);
    const refused = await node.submit(1);
    expect(await node.untilDeclined(refused)).toBe('journal_failed');
    await until(
      'the status says why',
      () => node.status(),
      ({ failure, journal }) => failure?.code === 'JOURNAL' && journal?.hasRoom === false,
    );
    const { failure, idleReason } = await node.status();
    expect(idleReason).toContain(error);
    expect(failure?.advice).toContain(ADVICE[error]);
    await until(
      'the long job has ended and cannot be sealed',
      () => node.status(),
      ({ jobs }) => jobs.running === 0,
    );

    await heal();
    await until(
      'the node takes jobs again',
      () => node.status(),
      (status) => status.idleReason === null,
      BACK_WITHIN_MS,
    );
    const after = await node.submit(1);
    await node.untilTaken(after, BACK_WITHIN_MS);
    await node.untilCompleted(long);
    await node.expectNothingLost();
    tally.count(`${error} from every write, and back`, 'declined: journal_failed; jobs taken again');
    expect(await node.system.node.kill('SIGTERM')).toBe(0);
  },
);

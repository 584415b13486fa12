// Partitions by the kernel's own means: the node lives in a network namespace, and its cable is pulled, its packets are
// dropped one way or both, refused, or lost now and then.
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { startWholeSystem, untilReady } from '../../e2e/whole-system.js';
import { FaultTally } from '../report.js';
import { expectKept, load, openSessions } from './load.js';
import { type Namespace, namespaceObstacle, startNamespace } from './namespace.js';

interface Partition {
  readonly name: string;
  readonly seconds: number;
  readonly begin: (namespace: Namespace) => void;
  readonly end: (namespace: Namespace) => void;
  /** Longer than the lease: the network gives its jobs another attempt, and may have to break streams. */
  readonly outlastsLease?: boolean;
}

type Chain = 'INPUT' | 'OUTPUT';

const rules =
  (chains: readonly Chain[], ...rule: readonly string[]) =>
  ({ run, cable }: Namespace): void => {
    for (const chain of chains) {
      run('iptables', '--append', chain, chain === 'INPUT' ? '-i' : '-o', cable, ...rule);
    }
  };
const open = ({ run }: Namespace): void => run('iptables', '--flush');

const BOTH: readonly Chain[] = ['INPUT', 'OUTPUT'];
const drop = (seconds: number, outlastsLease = false): Partition => ({
  name: `packets dropped both ways for ${seconds} s`,
  seconds,
  begin: rules(BOTH, '-j', 'DROP'),
  end: open,
  outlastsLease,
});
const refuse = ['-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset'];
const lose = ['-m', 'statistic', '--mode', 'random', '--probability', '0.05', '-j', 'DROP'];

const PARTITIONS: readonly Partition[] = [
  {
    name: 'the cable pulled for 4 s',
    seconds: 4,
    begin: ({ run, cable }) => run('ip', 'link', 'set', cable, 'down'),
    end: ({ run, cable }) => run('ip', 'link', 'set', cable, 'up'),
  },
  drop(1),
  drop(8),
  {
    name: 'packets dropped on the way in for 5 s',
    seconds: 5,
    begin: rules(['INPUT'], '-j', 'DROP'),
    end: open,
  },
  {
    name: 'packets dropped on the way out for 5 s',
    seconds: 5,
    begin: rules(['OUTPUT'], '-j', 'DROP'),
    end: open,
  },
  { name: 'connections refused with a reset for 3 s', seconds: 3, begin: rules(BOTH, ...refuse), end: open },
  { name: 'every twentieth packet lost for 10 s', seconds: 10, begin: rules(BOTH, ...lose), end: open },
  drop(60, true),
];

const settled = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const obstacle = namespaceObstacle();

test.skipIf(obstacle !== undefined)('jobs and results outlast every kind of partition', async () => {
  const tally = new FaultTally('network');
  onTestFinished(() => tally.file());
  const namespace = startNamespace();
  const [ours] = namespace.addresses;
  const system = await startWholeSystem({
    tokensPerSecond: 30,
    networkFlags: ['--host', ours, '--ping-every', '1000', '--dead-after', '2000'],
    around: { within: namespace.within },
    more: ['--allow-insecure'],
    amend: (draft) => ({
      ...draft,
      ttl: { ...draft.ttl, heartbeat_ms: 1_000, retry_base_ms: 100, retry_cap_ms: 1_000 },
    }),
  });
  const { node, network } = system;
  const sessions = (): number => network.output.stderr.match(/session\.opened/g)?.length ?? 0;
  for (const { name, seconds, begin, end, outlastsLease = false } of PARTITIONS) {
    const before = sessions();
    const work = await load(system, { jobs: 4, streams: 2, tokens: 90 });
    await until(
      'jobs run',
      () => node.control.status(),
      (status) => status.jobs.running >= 4,
    );
    begin(namespace);
    await settled(seconds * 1_000);
    end(namespace);
    await untilReady(node, 60_000);
    await expectKept(system, work, { mayBreak: outlastsLease });
    expect(openSessions(system)).toBe(1);
    expect(sessions() - before, `sessions after ${name}`).toBeLessThanOrEqual(3); // no storm
    tally.count(name, 'back, nothing lost or doubled');
  }
});

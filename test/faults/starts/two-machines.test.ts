// One key on two machines: a data directory was copied. The network lets one of them hold the session and the jobs; both
// owners see where the other is.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run, startNodeProcess, until } from '../../e2e/processes.js';
import { startWholeSystem, untilReady } from '../../e2e/whole-system.js';
import { expectKept, load } from '../links/load.js';
import { FaultTally } from '../report.js';

test('a copy of a node gets no session while the first lives, and both say where the other was seen', async () => {
  const tally = new FaultTally('start');
  onTestFinished(() => tally.file());
  const before = await startWholeSystem({ tokensPerSecond: 40 });
  const { network, directory } = before;
  await before.node.kill('SIGTERM');
  await cp(join(directory, 'node'), join(directory, 'copy'), {
    recursive: true,
    filter: (path) => !path.endsWith('.sock'),
  });

  const first = startNodeProcess(directory, network.url, { tokensPerSecond: 40 });
  await untilReady(first);
  const system = { ...before, node: first };
  const work = await load(system, { jobs: 6, streams: 2, tokens: 60 });
  const startCopy = () => startNodeProcess(directory, network.url, { name: 'copy', tokensPerSecond: 40 });
  const copy = startCopy();
  const refused = await until(
    'the copy is refused',
    () => copy.control.status(),
    ({ failure }) => failure?.code === 'KEY_IN_USE',
  );
  expect(refused.network).toMatchObject({
    connected: false,
    elsewhere: { address: '127.0.0.1', holdsSession: true },
  });
  expect(refused.failure?.message).toContain('connected from 127.0.0.1 since');
  expect(refused.failure?.advice).toContain('must not share a key');
  const told = await until(
    'the first is told',
    () => first.control.status(),
    (status) => status.network.elsewhere !== null,
  );
  expect(told.network).toMatchObject({
    connected: true,
    elsewhere: { address: '127.0.0.1', holdsSession: false },
  });
  const shown = async (name: string): Promise<string> =>
    (await run(['status', '--data-dir', join(directory, name)])).stdout;
  expect(await shown('node')).toMatch(
    /Second process +tried to connect with this node's key at 127\.0\.0\.1/,
  );
  expect(await shown('copy')).toMatch(/Second process +has this node's key and its session/);
  await expectKept(system, work);
  const strangers = (await copy.control.jobs(1_000)).filter(({ job }) => work.jobs.includes(job));
  expect(strangers).toEqual([]);
  tally.count('copy of a data directory on another machine', 'refused, both told where');

  // A holder that gives no sign of life does not keep the key; when it wakes it is the one to be refused.
  process.kill(first.pid, 'SIGSTOP');
  await copy.kill('SIGKILL');
  const again = startCopy();
  await until(
    'the copy has the session',
    () => again.control.status(),
    (status) => status.network.connected,
  );
  process.kill(first.pid, 'SIGCONT');
  const woken = await until(
    'the first is refused',
    () => first.control.status(),
    ({ failure }) => failure?.code === 'KEY_IN_USE',
    60_000,
  );
  expect(woken.network.elsewhere).toMatchObject({ address: '127.0.0.1', holdsSession: true });
  expect((await again.control.status()).network.connected).toBe(true);
  tally.count('the holder frozen, the copy started, the holder woken', 'one session, the woken one refused');
});

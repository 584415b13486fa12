// The owner's word, and the network's: drain, pause and resume of a real node with a real engine process, over kills and
// restarts, until the order ends.
import { expect, test, vi } from 'vitest';
import { enginesOf } from '../e2e/engines.js';
import { pollJob, submitJob } from '../e2e/polling.js';
import { type Finished, type RunningNode, run, runHere, startNodeProcess, until } from '../e2e/processes.js';
import { startWholeSystem, untilReady, type WholeSystem } from '../e2e/whole-system.js';

// Each test starts several processes, and a busy machine starts them slowly.
vi.setConfig({ testTimeout: 180_000 });

/** Quick, but for prompts that ask to be slow. */
const ENGINE = { engine: ['--allow-prompt-faults'] };
/** Half a second a token: eight of them are four seconds. */
const SLOWLY = '[[fault:slow@0]]';
const SHORT = 8;
/** A minute passes before the engine is suspected. */
const FOR_EVER = '[[fault:hang@1]]';

/** Without a process of its own: starting Node is what takes long. */
const command = ({ dataDir }: RunningNode, ...words: readonly string[]): Promise<Finished> =>
  runHere([...words, '--data-dir', dataDir]);

const operator = ({ directory }: WholeSystem, ...words: readonly string[]): Promise<Finished> =>
  runHere(['network', ...words, '--data-dir', `${directory}/network`]);

const jobsRun = (node: RunningNode, count: number): Promise<unknown> =>
  until(
    `${count} jobs run`,
    () => node.control.status(),
    ({ jobs }) => jobs.running === count,
  );

const completes = ({ network, apiKey }: WholeSystem, job: string): Promise<unknown> =>
  until(
    `job ${job} is completed`,
    () => pollJob(network, apiKey, job),
    ({ status }) => status === 'completed',
    60_000,
  );

const orderShown = async ({ network }: WholeSystem): Promise<unknown> =>
  (await network.admin.call('nodes', {})).nodes[0]?.order;

test('a pause frees the GPU, outlasts a kill, and ends by itself: then the node serves again', async () => {
  const system = await startWholeSystem(ENGINE);
  const { directory, network, node, apiKey } = system;
  expect(enginesOf(node.dataDir)).toHaveLength(1);
  const running = await submitJob(network, apiKey, `the last before the pause ${SLOWLY}`, SHORT);
  await jobsRun(node, 1);

  const paused = await run(['pause', '--wait', '--note', 'gaming', '--data-dir', node.dataDir]);
  expect(paused).toEqual({
    code: 0,
    stdout: 'Paused: the GPU is free; takes jobs again with `resultity-node resume`.\n',
    stderr: '',
  });
  expect(enginesOf(node.dataDir)).toEqual([]);
  await completes(system, running);
  expect(await orderShown(system)).toMatchObject({ kind: 'pause', by: 'owner', note: 'gaming' });
  const waiting = await submitJob(network, apiKey, 'the first after it', 8);

  await node.kill('SIGKILL');
  const again = startNodeProcess(directory, network.url, ENGINE);
  const status = await until(
    'the node is back',
    () => again.control.status(),
    ({ network: { connected } }) => connected,
  );
  expect(status).toMatchObject({
    stage: 'paused',
    idleReason: 'paused by its owner (gaming): `resultity-node resume` ends it',
    order: { kind: 'pause', by: 'owner', note: 'gaming', untilMs: null, jobsLeft: 0 },
  });
  await until(
    'the network knows',
    () => orderShown(system),
    (order) => order !== null,
  );
  // A node that served would have started its engine long before it is connected.
  expect([enginesOf(again.dataDir), (await again.control.status()).runtime.state]).toEqual([[], 'absent']);
  expect(await pollJob(network, apiKey, waiting)).toMatchObject({ status: 'queued' });

  const shorter = await command(again, 'pause', '--for', '2s', '--json');
  expect(JSON.parse(shorter.stdout)).toMatchObject({ order: { kind: 'pause', note: null, freed: true } });
  await completes(system, waiting);
  expect([await orderShown(system), (await again.control.status()).order]).toEqual([null, null]);
});

test('a pause that a kill interrupts is carried out by the next start: what was left of the engine ends', async () => {
  const { directory, network, node, apiKey } = await startWholeSystem(ENGINE);
  await submitJob(network, apiKey, `runs on and on ${FOR_EVER}`, SHORT);
  await jobsRun(node, 1);
  expect((await command(node, 'pause')).stdout).toMatch(/^Pausing: 1 job left; /);
  await node.kill('SIGKILL');
  expect(enginesOf(node.dataDir)).toHaveLength(1);

  const again = startNodeProcess(directory, network.url, ENGINE);
  await until(
    'the GPU is free',
    () => again.control.status(),
    ({ order }) => order?.freed === true,
  );
  expect(enginesOf(again.dataDir)).toEqual([]);
});

test('an order whose end passed while the node was off is over', async () => {
  const { directory, network, node } = await startWholeSystem(ENGINE);
  const { order } = await node.control.order({ verb: 'pause', forMs: 500 });
  await node.kill('SIGKILL');
  await until(
    'its end has passed',
    async () => Date.now(),
    (now) => now > (order?.untilMs ?? Number.POSITIVE_INFINITY),
  );
  const again = startNodeProcess(directory, network.url, ENGINE);
  await untilReady(again);
  expect((await again.control.status()).order).toBeNull();
});

test('a drain lets running jobs end and takes no more until it is lifted', async () => {
  const system = await startWholeSystem(ENGINE);
  const { network, node, apiKey } = system;
  const running = await Promise.all(
    ['one', 'two'].map((prompt) => submitJob(network, apiKey, `${prompt} ${SLOWLY}`, SHORT)),
  );
  await jobsRun(node, 2);
  expect((await command(node, 'drain', '--note', 'moving cables')).stdout).toBe(
    'Draining: 2 jobs left; takes jobs again with `resultity-node resume`.\n',
  );
  expect((await node.control.status()).idleReason).toBe(
    'draining by its owner, 2 jobs left (moving cables): `resultity-node resume` ends it',
  );
  const waiting = await submitJob(network, apiKey, 'three', 8);

  expect(await command(node, 'drain', '--wait')).toMatchObject({
    code: 0,
    stdout: 'Drained: no jobs left; takes jobs again with `resultity-node resume`.\n',
  });
  for (const job of running) await completes(system, job);
  const attempts = await node.control.jobs(10);
  expect(attempts.map(({ job, outcome }) => [job, outcome]).sort()).toEqual(
    running.map((job) => [job, 'completed']).sort(),
  );
  expect(await pollJob(network, apiKey, waiting)).toMatchObject({ status: 'queued' });
  expect(enginesOf(node.dataDir)).toHaveLength(1);

  expect((await command(node, 'resume')).stdout).toBe('Takes jobs again.\n');
  await completes(system, waiting);
  expect((await command(node, 'resume')).stdout).toMatch(/^Nothing to resume/);
});

test('the network may order the same, the owner has the last word, and a stop leaves the order in force', async () => {
  const system = await startWholeSystem(ENGINE);
  const { directory, network, node } = system;
  const { nodeId } = await node.control.status();
  const order = (...words: readonly string[]): Promise<Finished> =>
    operator(system, 'order', nodeId ?? '', ...words);

  expect(await order('pause', '--for', '1h', '--note', 'new release')).toMatchObject({ code: 0 });
  await until(
    'the GPU is free',
    () => node.control.status(),
    ({ order: held }) => held?.freed === true,
  );
  expect((await node.control.status()).idleReason).toMatch(
    /^paused by the network until \d{4}-\d\d-\d\d \d\d:\d\dZ \(new release\): `resultity-node resume` ends it$/,
  );
  expect((await command(node, 'resume')).code).toBe(0);
  await untilReady(node);

  expect((await command(node, 'drain')).code).toBe(0);
  expect(await order('resume')).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('only the owner can lift that'),
  });
  expect((await operator(system, 'nodes')).stdout).toContain('drain by owner');

  expect(await node.kill('SIGTERM')).toBe(0);
  const again = startNodeProcess(directory, network.url, ENGINE);
  await until(
    'the node drains again',
    () => again.control.status(),
    ({ stage }) => stage === 'draining',
  );
});

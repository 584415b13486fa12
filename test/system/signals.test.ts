// SIGTERM and SIGINT in every state of a real node: the first drains, the second hands jobs back, the third leaves at once;
// whatever is cut short is whole at the next start.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { enginesOf } from '../e2e/engines.js';
import { pollJob, submitJob } from '../e2e/polling.js';
import { type RunningNode, startNodeProcess, temporaryDirectory, until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged, type WholeSystem } from '../e2e/whole-system.js';

// Each test starts several processes, and a busy machine starts them slowly.
vi.setConfig({ testTimeout: 180_000 });

/** Quick, but for prompts that ask to be slow. */
const ENGINE = { engine: ['--allow-prompt-faults'] };
/** Half a second a token: eight of them are four seconds. */
const SLOWLY = 'work [[fault:slow@0]]';
/** A minute passes before the engine is suspected. */
const FOR_EVER = 'work [[fault:hang@1]]';
const TOKENS = 8;
/** Nothing but a second signal ends a job before its time. */
const PATIENT = { ...ENGINE, more: ['--shutdown-grace-ms', '120000'] };
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const stageIs = (node: RunningNode, stage: string): Promise<unknown> =>
  until(
    `the node is in stage ${stage}`,
    () => node.control.status(),
    (status) => status.stage === stage,
  );

const jobRuns = (node: RunningNode): Promise<unknown> =>
  until(
    'a job runs',
    () => node.control.status(),
    ({ jobs }) => jobs.running === 1,
  );

const says = (node: RunningNode, words: string): Promise<unknown> =>
  until(
    `the node says '${words}'`,
    async () => node.output.stderr,
    (said) => said.includes(words),
  );

describe('without a network', () => {
  test.each(SIGNALS)('a node in setup ends at the first %s', async (signal) => {
    const node = startNodeProcess(await temporaryDirectory(), NOWHERE, ENGINE);
    await stageIs(node, 'setup');
    expect(await node.kill(signal)).toBe(0);
  });

  test.each(SIGNALS)('a halted node ends at the first %s', async (signal) => {
    const directory = await temporaryDirectory();
    const first = startNodeProcess(directory, NOWHERE, ENGINE);
    await until(
      'the node has a key',
      () => first.control.status(),
      ({ nodeId }) => nodeId !== null,
    );
    await first.kill('SIGTERM');
    await writeFile(join(first.dataDir, 'passphrase'), 'of another key\n');
    const node = startNodeProcess(directory, NOWHERE, ENGINE);
    await stageIs(node, 'halted');
    expect(await node.kill(signal)).toBe(0);
  });

  test.each(SIGNALS)('a node that is still being put together ends at the first %s', async (signal) => {
    const node = startNodeProcess(await temporaryDirectory(), NOWHERE, ENGINE);
    await until(
      'the node has begun',
      async () => node.output.stdout,
      (log) => log !== '',
    );
    expect(await node.kill(signal)).toBe(0);
  });
});

describe('in its network', () => {
  let system: WholeSystem;
  let job: string;

  const begin = async (prompt: string): Promise<RunningNode> => {
    system = await startWholeSystem(PATIENT);
    job = await submitJob(system.network, system.apiKey, prompt, TOKENS);
    await jobRuns(system.node);
    return system.node;
  };
  beforeEach(() => {
    job = '';
  });

  const jobIs = (wanted: string): Promise<unknown> =>
    until(
      `the job is ${wanted}`,
      () => pollJob(system.network, system.apiKey, job),
      ({ status }) => status === wanted,
      60_000,
    );

  test.each(SIGNALS)('an idle node ends at the first %s, and takes its engine along', async (signal) => {
    const { node } = await startWholeSystem(ENGINE);
    expect(await node.kill(signal)).toBe(0);
    expect(enginesOf(node.dataDir)).toEqual([]);
  });

  test.each(SIGNALS)('a working node finishes its job after the first %s', async (signal) => {
    const node = await begin(SLOWLY);
    expect(await node.kill(signal)).toBe(0);
    await jobIs('completed');
    expect(node.output.stderr).toContain('Stopping: running jobs may finish.');
    expect(node.output.stderr).not.toContain('Interrupting');
  });

  test.each(SIGNALS)(
    'a draining node finishes its job after the first %s, and drains again',
    async (signal) => {
      const node = await begin(SLOWLY);
      await node.control.order({ verb: 'drain' });
      expect(await node.kill(signal)).toBe(0);
      await jobIs('completed');
      await stageIs(startNodeProcess(system.directory, system.network.url, ENGINE), 'draining');
    },
  );

  test.each(SIGNALS)('a paused node ends at the first %s, and stays paused', async (signal) => {
    system = await startWholeSystem(ENGINE);
    const { node } = system;
    await node.control.order({ verb: 'pause' });
    await until(
      'the GPU is free',
      () => node.control.status(),
      ({ order }) => order?.freed === true,
    );
    expect(await node.kill(signal)).toBe(0);
    await stageIs(startNodeProcess(system.directory, system.network.url, ENGINE), 'paused');
  });

  test.each(SIGNALS)(
    'a node without its network finishes its job after the first %s, and delivers it later',
    async (signal) => {
      const node = await begin(SLOWLY);
      await system.network.kill('SIGKILL');
      await until(
        'the node is offline',
        () => node.control.status(),
        ({ network }) => !network.connected,
      );
      expect(await node.kill(signal)).toBe(0);
      const again = startNodeProcess(system.directory, system.network.url, ENGINE);
      await until(
        'the result waits',
        () => again.control.status(),
        ({ jobs }) => jobs.outbox === 1,
      );
      expect(await again.control.jobs(1)).toMatchObject([{ job, outcome: 'completed', state: 'receipted' }]);
    },
  );

  test('a second signal cuts the job short: it is signed as interrupted, handed back, and done by the next start', async () => {
    const node = await begin(FOR_EVER);
    void node.kill('SIGTERM');
    await says(node, 'Stopping');
    await stageIs(node, 'stopping');
    expect(await node.kill('SIGINT')).toBe(0);
    expect(node.output.stderr).toContain('Interrupting running jobs and handing them back.');
    await jobIs('queued');
    const again = startNodeProcess(system.directory, system.network.url);
    await jobIs('completed');
    const attempts = await untilAcknowledged(again, [job]);
    expect(attempts.map(({ outcome }) => outcome).sort()).toEqual(['completed', 'interrupted']);
  });

  test('a third signal leaves at once with a code of its own, and loses nothing that was accepted', async () => {
    const node = await begin(FOR_EVER);
    void system.network.kill('SIGSTOP'); // its acknowledgement does not come, so the node waits for it
    void node.kill('SIGTERM');
    await says(node, 'Stopping');
    void node.kill('SIGINT');
    await says(node, 'Interrupting');
    expect(await node.kill('SIGTERM')).toBe(9);
    void system.network.kill('SIGCONT');
    const again = startNodeProcess(system.directory, system.network.url);
    await jobIs('completed');
    const attempts = await untilAcknowledged(again, [job]);
    expect(attempts.map(({ outcome }) => outcome).sort()).toEqual(['completed', 'interrupted']);
  });
});

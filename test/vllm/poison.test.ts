// A request that kills the engine it reaches: without a compiler in the image, a real vLLM dies of `logprobs`. Whoever
// sends one must not take others down with it, nor keep killing.
import { describe, expect, inject, test } from 'vitest';
import { sharedEngine } from '../docker/system/container-system.js';
import { pollJob, submitJob } from '../e2e/polling.js';
import { until } from '../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../e2e/whole-system.js';
import { faultyVllmImage } from './faulty-vllm-image.js';
import { LOADED_WITHIN_MS, startVllmSystem } from './vllm-system.js';

const ASYNC_JOB_WITHIN_MS = 2 * LOADED_WITHIN_MS;

describe.skipIf(inject('engineSocket') === null)('a request that kills a real engine', () => {
  test('is tried twice and no more; every other job is answered, each attempt ends once', async () => {
    const engine = sharedEngine();
    const image = await faultyVllmImage(engine);
    const system = await startVllmSystem(engine, { slots: 8, image });
    const { network, node, apiKey } = system;

    const submit = (more: object) => submitJob(network, apiKey, 'What is the capital of France?', 48, more);
    const good = await Promise.all([1, 2, 3, 4].map((seed) => submit({ seed })));
    const poison = await submit({ logprobs: true, top_logprobs: 1 });

    const ended = (job: string) =>
      until(
        `the job ${job} is over`,
        () => pollJob(network, apiKey, job),
        ({ status }) => status !== 'queued' && status !== 'running',
        ASYNC_JOB_WITHIN_MS,
      );
    expect((await ended(poison)).status).toBe('failed');
    for (const job of good) expect((await ended(job)).status).toBe('completed');

    await until(
      'the second engine it killed is replaced',
      () => node.control.status(),
      ({ runtime }) => runtime.restarts === 2,
    );
    await untilReady(node, LOADED_WITHIN_MS);
    const attempts = await untilAcknowledged(node);
    const ofPoison = attempts.filter(({ job }) => job === poison);
    expect(ofPoison).toHaveLength(2);
    expect(ofPoison.map(({ outcome }) => outcome)).toEqual(['runtime_crashed', 'runtime_crashed']);
    for (const job of good) {
      const completed = attempts.filter((one) => one.job === job && one.outcome === 'completed');
      expect(completed).toHaveLength(1);
    }
    expect(new Set(attempts.map(({ receiptSeq }) => receiptSeq)).size).toBe(attempts.length);
    expect((await node.control.status()).runtime).toMatchObject({ state: 'ready', restarts: 2 });
  });
});

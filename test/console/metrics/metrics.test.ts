// What a scraper is told of a node, as text.
import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/console/metrics/metrics.js';
import { RUNTIME_STATES } from '../../../src/console/metrics/runtime-families.js';
import type { Scrape } from '../../../src/console/metrics/scrape.js';
import { IDLE_CAUSES, STAGES } from '../../../src/machines/stage.js';
import { createServingFigures } from '../../../src/services/serving-figures.js';
import { knownNetwork, knownScrape, valuesOf } from './known-scrape.js';

const rig = (first: Scrape = knownScrape()) => {
  let scrape: Scrape | Error = first;
  let gathered = 0;
  let nowMs = 0;
  const figures = createServingFigures();
  const metrics = createMetrics({
    gather: async () => {
      gathered++;
      await Promise.resolve();
      if (scrape instanceof Error) throw scrape;
      return scrape;
    },
    work: [{ news: figures, network: () => 'devnet' }],
    monotonicMs: () => nowMs,
  });
  return {
    metrics,
    figures,
    gathered: () => gathered,
    tell: (next: Scrape | Error) => {
      scrape = next;
      nowMs += 10_000;
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
    values: async () => valuesOf((await metrics.expose()).body),
  };
};

/** The values of a state set that are 1. */
const present = (values: ReadonlyMap<string, number>, name: string): readonly string[] =>
  [...values].filter(([key, value]) => key.startsWith(`${name}{`) && value === 1).map(([key]) => key);

test('tells of a serving node in base units', async () => {
  const values = await rig().values();
  expect(values.get('resultity_node_connected{network="devnet"}')).toBe(1);
  expect(values.get('resultity_node_in_rotation{network="devnet"}')).toBe(1);
  expect(values.get('resultity_node_last_ack_timestamp_seconds{network="devnet"}')).toBe(1_700_000_000.5);
  expect(values.get('resultity_node_clock_offset_seconds{network="devnet"}')).toBe(-0.25);
  expect(values.get('resultity_node_config_version{network="devnet"}')).toBe(7);
  expect(values.get('resultity_node_config_behind{network="devnet"}')).toBe(0);
  expect(values.get('resultity_node_outbox_oldest_seconds{network="devnet"}')).toBe(2.5);
  expect(values.get('resultity_node_journal_bytes{network="devnet"}')).toBe(8_192);
  expect(values.get('resultity_node_gpu_utilisation_ratio{gpu="GPU-1"}')).toBe(0.97);
  expect(values.get('resultity_node_gpu_temperature_celsius{gpu="GPU-1"}')).toBe(71);
  expect(values.get('resultity_node_disk_free_bytes')).toBe(250_000_000_000);
  expect(values.get('resultity_node_engine_kv_cache_usage_ratio')).toBe(0.4);
  expect(values.get('resultity_node_slots')).toBe(4);
  expect(
    values.get(
      `resultity_node_info{node_id="0x${'a'.repeat(40)}",version="1.2.3",engine="vllm",engine_version="0.32.0",driver="container"}`,
    ),
  ).toBe(1);
});

test('has one sample for each state and marks the present one', async () => {
  const { values, tell } = rig();
  const before = await values();
  expect(present(before, 'resultity_node_stage')).toEqual([
    'resultity_node_stage{network="devnet",stage="executing"}',
  ]);
  expect(present(before, 'resultity_node_idle')).toEqual([]);
  expect(present(before, 'resultity_node_runtime_state')).toEqual([
    'resultity_node_runtime_state{state="ready"}',
  ]);
  const sizes = ['stage', 'idle', 'runtime_state'].map(
    (name) => [...before.keys()].filter((key) => key.startsWith(`resultity_node_${name}{`)).length,
  );
  expect(sizes).toEqual([STAGES.length, IDLE_CAUSES.length, RUNTIME_STATES.length]);

  const told = {
    stage: 'paused',
    idleCause: 'ordered',
    standing: 'frozen',
    order: {
      kind: 'pause',
      by: 'network',
      note: 'a note',
      sinceMs: 1,
      untilMs: null,
      jobsLeft: 0,
      freed: true,
    },
  } as const;
  tell(knownScrape({ networks: [knownNetwork({ told })] }));
  const after = await values();
  expect(after.get('resultity_node_in_rotation{network="devnet"}')).toBe(0);
  expect(
    ['stage', 'idle', 'standing', 'order'].flatMap((name) => present(after, `resultity_node_${name}`)),
  ).toEqual([
    'resultity_node_stage{network="devnet",stage="paused"}',
    'resultity_node_idle{network="devnet",cause="ordered"}',
    'resultity_node_standing{network="devnet",state="frozen"}',
    'resultity_node_order{network="devnet",kind="pause",by="network"}',
  ]);
  expect([...after.keys()].join()).not.toContain('a note');
});

test('counts the work, and puts durations of completed jobs into vLLM’s buckets', async () => {
  const { figures, tell, values } = rig();
  figures.noteAccepted();
  figures.noteDeclined('busy');
  figures.noteFirstToken(30);
  figures.noteEnded({
    outcome: 'completed',
    prompt_tokens: 7,
    completion_tokens: 5,
    chunk_count: 5,
    queue_ms: 10,
    first_token_ms: 30,
    total_ms: 430,
    isStream: true,
  });
  figures.noteEnded({
    outcome: 'cancelled',
    prompt_tokens: 0,
    completion_tokens: 0,
    chunk_count: 1,
    queue_ms: 10,
    first_token_ms: 30,
    total_ms: 9_000,
    isStream: true,
  });
  figures.noteVerdict('accepted');
  tell(knownScrape({ networks: [knownNetwork({ work: figures })] }));
  const found = await values();
  const of = (name: string, labels = '') => found.get(`resultity_node_${name}{network="devnet"${labels}}`);
  expect(of('jobs_accepted_total')).toBe(1);
  expect(of('jobs_ended_total', ',outcome="completed"')).toBe(1);
  expect(of('jobs_ended_total', ',outcome="cancelled"')).toBe(1);
  expect(of('jobs_ended_total', ',outcome="internal"')).toBe(0);
  expect(of('jobs_declined_total', ',reason="busy"')).toBe(1);
  expect(of('results_acknowledged_total', ',verdict="accepted"')).toBe(1);
  expect(of('prompt_tokens_total')).toBe(7);
  expect(of('output_tokens_total')).toBe(5);
  expect(of('job_duration_seconds_count')).toBe(1);
  expect(of('job_duration_seconds_sum')).toBe(0.43);
  expect(found.get('resultity_node_job_duration_seconds_bucket{le="0.3",network="devnet"}')).toBe(0);
  expect(found.get('resultity_node_job_duration_seconds_bucket{le="0.5",network="devnet"}')).toBe(1);
  expect(found.get('resultity_node_first_token_seconds_bucket{le="0.02",network="devnet"}')).toBe(0);
  expect(found.get('resultity_node_first_token_seconds_bucket{le="0.04",network="devnet"}')).toBe(1);
  expect(of('output_token_seconds_sum')).toBe(0.1);
});

test('leaves out what is not known, and never calls it zero', async () => {
  const { values, tell } = rig();
  await values();
  tell(
    knownScrape({
      networks: [
        knownNetwork({
          journal: null,
          config: null,
          clockOffsetMs: undefined,
          longestInOutboxMs: undefined,
          told: { lastAckMs: null, config: null, standing: null },
        }),
      ],
      hardware: undefined,
      engine: { running: null, waiting: null, kvUse: null, tokensOut: null },
    }),
  );
  const names = [...(await values()).keys()];
  for (const absent of [
    'journal_',
    'config_',
    'clock_offset',
    'last_ack',
    'gpu',
    'disk_',
    'memory_',
    'engine_',
  ])
    expect(names.filter((name) => name.startsWith(`resultity_node_${absent}`))).toEqual([]);
  expect(names).toContain('resultity_node_outbox_oldest_seconds{network="devnet"}');

  tell(knownScrape({ engine: undefined }));
  expect((await values()).get('resultity_node_engine_generated_tokens_total')).toBeUndefined();
  tell(knownScrape());
  expect((await values()).get('resultity_node_engine_generated_tokens_total')).toBe(12_345);
});

test('forgets a model the configuration lists no more', async () => {
  const { values, tell } = rig();
  const models = (found: ReadonlyMap<string, number>) => present(found, 'resultity_node_model_state');
  expect(models(await values())).toEqual([
    'resultity_node_model_state{network="devnet",model="tiny",state="active"}',
  ]);
  tell(knownScrape({ networks: [knownNetwork({ told: { models: [] } })] }));
  expect(models(await values())).toEqual([]);
});

test('tells of every network under its own label', async () => {
  const { values } = rig(
    knownScrape({
      networks: [knownNetwork(), knownNetwork({ network: 'testnet', told: { connected: false } })],
    }),
  );
  const found = await values();
  expect(found.get('resultity_node_connected{network="devnet"}')).toBe(1);
  expect(found.get('resultity_node_connected{network="testnet"}')).toBe(0);
});

test('tells of the process under the names everybody uses', async () => {
  const values = await rig().values();
  const startedS = values.get('process_start_time_seconds') ?? 0;
  expect(Math.abs(startedS * 1_000 - performance.timeOrigin)).toBeLessThan(1);
  expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(values.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(values.get('nodejs_eventloop_busy_seconds_total')).toBeGreaterThan(0);
  expect(values.get(`nodejs_version_info{version="${process.version}"}`)).toBe(1);
});

test('scrapers that come together or within a second are given the same text', async () => {
  const { metrics, gathered, wait } = rig();
  const [first, second] = await Promise.all([metrics.expose(), metrics.expose()]);
  expect(first.body).toBe(second.body);
  wait(999);
  await metrics.expose('application/openmetrics-text');
  expect(gathered()).toBe(1);
  wait(1);
  await metrics.expose();
  expect(gathered()).toBe(2);
});

test('a scrape that failed is not kept', async () => {
  const { metrics, tell, gathered } = rig();
  tell(new Error('something is not there'));
  await expect(metrics.expose()).rejects.toThrow('something is not there');
  tell(knownScrape());
  expect((await metrics.expose()).body).toContain('resultity_node_connected');
  expect(gathered()).toBe(2);
});

// The configuration the demo's network publishes: two models whose answers the simulator makes up, without any files.

const model = (id, tasks, test) => ({
  id,
  version: '1',
  files: [],
  tasks,
  engines: ['simulator'],
  context_tokens: 8192,
  min_vram_bytes: 0,
  enabled: true,
  test: { ...test, timeout_ms: 30_000 },
});

const SLOTS = 8;

/** @param {string} image id of the image that runs as Runtime */
export const draftFor = (image) => ({
  models: [
    model('demo-chat', ['chat', 'completion'], {
      endpoint: 'chat.completions',
      request: { messages: [{ role: 'user', content: 'Say hello.' }], temperature: 0, max_tokens: 8 },
    }),
    model('demo-embed', ['embedding'], { endpoint: 'embeddings', request: { input: 'hello' } }),
  ],
  runtimes: [{ engine: 'simulator', image, max_concurrent: SLOTS }],
  jobs: {
    max_output_tokens: 2048,
    max_input_bytes: 1_048_576,
    queue_max: 2 * SLOTS,
    exec_timeout_ms: 120_000,
  },
  ttl: {
    heartbeat_ms: 2_000,
    outbox_ms: 86_400_000,
    retest_ms: 3_600_000,
    retry_base_ms: 250,
    retry_cap_ms: 5_000,
  },
  reports: { interval_ms: 60_000, segment_bytes: 1_048_576 },
  versions: { agent_min: '0.1.0', agent_latest: '0.1.0' },
});

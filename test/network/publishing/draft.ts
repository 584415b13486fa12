// A draft that breaks no bound, for tests to bend.

import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import { manifestDigest } from '../../../src/protocol/model-manifest.js';

const files = [
  {
    path: 'model.gguf',
    size_bytes: 3,
    sha256: `sha256:${'b'.repeat(64)}`,
    sources: ['https://models.example.org/model.gguf'],
  },
];

export const goodDraft: ConfigDraft = {
  models: [
    {
      id: 'tiny-chat',
      version: '1',
      digest: manifestDigest(files),
      files,
      tasks: ['chat'],
      engines: ['llama-cpp'],
      context_tokens: 2048,
      min_vram_bytes: 0,
      enabled: true,
      test: {
        endpoint: 'chat.completions',
        request: { messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: 8 },
        timeout_ms: 60_000,
      },
    },
  ],
  runtimes: [{ engine: 'llama-cpp', max_concurrent: 4 }],
  jobs: { max_output_tokens: 1024, max_input_bytes: 65_536, queue_max: 4, exec_timeout_ms: 120_000 },
  ttl: {
    heartbeat_ms: 15_000,
    outbox_ms: 86_400_000,
    retest_ms: 86_400_000,
    retry_base_ms: 1_000,
    retry_cap_ms: 60_000,
  },
  reports: { interval_ms: 60_000, segment_bytes: 1_048_576 },
  versions: { agent_min: '0.1.0', agent_latest: '0.1.0' },
};

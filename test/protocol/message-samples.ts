// One valid body of every message, for tests that go through the whole catalogue.
import { NETWORK, NODE, RECEIPT, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import type { MessageBody, MessageType } from '../../src/protocol/messages/catalogue.js';

const attempt = { job: RECEIPT.job, attempt: 1 };
const digest = digestOf('something');
const hardware = {
  gpus: [{ uuid: 'GPU-1', name: 'A100', vram_total_bytes: 80_000, vram_used_bytes: 1, driver: '550' }],
  cpu: { model: 'EPYC', cores: 64 },
  ram_bytes: { total: 2, free: 1 },
  disk_bytes: { total: 2, free: 1 },
  os: 'Linux',
};

export const BODIES: { readonly [T in MessageType]: MessageBody<T> } = {
  greeting: {
    nonce: bytes32Of('nonce'),
    network: 'devnet',
    versions: [1],
    time_ms: TIME_MS,
    config: { version: 7, digest },
  },
  hello: {
    nonce: bytes32Of('nonce'),
    node: NODE.address,
    audience: 'wss://network.example',
    instance: RECEIPT.job,
    agent_version: '0.1.0',
    protocol: 1,
    config_digest: digest,
    models: [{ id: 'tiny', digest, state: 'active' }],
    running: [attempt],
    outbox: [{ ...attempt, receipt_digest: digest }],
  },
  welcome: {
    session: SESSION,
    standing: { state: 'active' },
    heartbeat_ms: 15_000,
    ping_ms: 10_000,
    dead_ms: 25_000,
    lease_ms: 30_000,
    stop: [attempt],
    have: [{ ...attempt, receipt_digest: digest }],
    resume: [{ ...attempt, i: 3, head: SESSION }],
  },
  heartbeat: {
    network: 'devnet',
    agent_version: '0.1.0',
    protocol: 1,
    config_digest: digest,
    runtime: { state: 'ready', engine: 'vllm', version: '0.11.0', uptime_ms: 1, restarts: 0 },
    models: [{ id: 'tiny', digest, state: 'active', reason: 'tested' }],
    hardware,
    jobs: { running: 1, queued: 0, outbox: 0 },
    credit_limit: 4,
    prefs: {
      draining: true,
      paused: true,
      order: { kind: 'pause', by: 'owner', since_ms: TIME_MS, until_ms: TIME_MS + 1, note: 'gaming' },
    },
    clock_offset_ms: -3,
  },
  'heartbeat.ack': {
    time_ms: TIME_MS,
    config: null,
    standing: { state: 'paused', code: 'asked', text: 'x' },
  },
  capacity: { credit_limit: 4, slots: { total: 2, free: 1 } },
  standing: {
    state: 'cooldown',
    code: 'failures',
    text: 'Too many failures.',
    until_ms: TIME_MS,
    account: { kind: 'wallet', label: '0x12...34' },
  },
  'config.notify': { version: 7, digest },
  'config.applied': { version: 7, digest, outcome: 'applied', duration_ms: 12 },
  'job.offer': {
    ...attempt,
    endpoint: 'chat.completions',
    mode: 'stream',
    model: { id: 'tiny', digest },
    request: { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] },
    max_output_tokens: 16,
    ttl_left_ms: 60_000,
    exec_timeout_ms: 60_000,
    lease_ms: 30_000,
    priority: 5,
    salt: bytes32Of('salt'),
  },
  'job.accept': { ...attempt, request_digest: digest, position: 0 },
  'job.decline': { ...attempt, code: 'busy', param: 'max_tokens', retry_after_ms: 100 },
  'job.delta': { batch: [{ ...attempt, i: 0, chunks: ['{"choices":[]}'] }] },
  'job.cancel': { ...attempt, reason: 'client_gone' },
  result: { receipt: RECEIPT, receipt_sig: NODE.signReceipt(NETWORK, RECEIPT), output: '{"choices":[]}' },
  'result.ack': { ...attempt, receipt_digest: digest, verdict: 'accepted', code: 'fine' },
  'admin.command': { id: RECEIPT.job, verb: 'pause', note: 'new release', until_ms: TIME_MS },
  'admin.result': { id: RECEIPT.job, outcome: 'refused', reason: 'owner_order' },
  error: { code: 'malformed', text: 'no', about: 3, retry_after_ms: 5, fatal: false },
  goodbye: { reason: 'shutdown', reconnect_after_ms: 100, jobs: [attempt] },
};

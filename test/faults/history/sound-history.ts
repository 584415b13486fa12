// The history of one job in a run with one fault, in which everything is as it should be: what the tests of the checker
// break, one rule at a time.
import { digestOf } from '../../../src/protocol/digest.js';
import type { FrameHeader } from '../../../src/protocol/frame.js';
import { signAsNode } from '../../../src/protocol/handshake.js';
import { mustBeSigned, signedFacts } from '../../../src/protocol/message-codec.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { ZERO_BYTES32 } from '../../../src/protocol/primitives.js';
import { NO_DIGEST, type Receipt, receiptHash } from '../../../src/protocol/receipt.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { jobId, START_MS } from '../../adapters/journal/job-fixtures.js';
import { History } from './history.js';
import type { Said } from './record.js';

export const NETWORK: NetworkId = { name: 'devnet', chainId: 31_337, genesis: digestOf('genesis') };
const signer = createSigner(`0x${'07'.repeat(32)}`);
export const NODE = signer.address;
export const SESSION = `0x${'5e'.repeat(32)}`;
export const JOB = jobId(1);
const MODEL = { id: 'demo-chat', digest: digestOf('model') };
const CONFIG = { version: 3, digest: digestOf('config') };

export const RECEIPT: Receipt = {
  job: JOB,
  attempt: 1,
  node: NODE,
  session: SESSION,
  config_version: CONFIG.version,
  config_digest: CONFIG.digest,
  model: MODEL.id,
  model_digest: MODEL.digest,
  runtime_digest: NO_DIGEST,
  agent_version: '0.1.0',
  request_digest: digestOf('request'),
  output_digest: digestOf('output'),
  output_bytes: 6,
  stream_head: ZERO_BYTES32,
  chunk_count: 1,
  prompt_tokens: 3,
  completion_tokens: 4,
  finish_reason: 'stop',
  outcome: 'completed',
  accepted_ms: START_MS,
  queue_ms: 0,
  first_token_ms: 1,
  total_ms: 2,
  seq: 1,
  previous: NO_DIGEST,
};

export const digestOfReceipt = (receipt: Receipt): string =>
  `sha256:${receiptHash(NETWORK, receipt).slice('0x'.length)}`;

/** Frames of one connection, numbered and signed as they would be. */
export const connection = (history: History, link: number, session = SESSION) => {
  const numbers = { node: 0, network: 0 };
  return (from: 'node' | 'network', words: Said, ts = START_MS + link): void => {
    const isBefore = words.t === 'greeting' || words.t === 'hello';
    const bare: FrameHeader = {
      t: words.t === 'other' ? 'ping' : words.t,
      n: ++numbers[from],
      ts,
      bd: digestOf(JSON.stringify(words)),
      ...(isBefore ? {} : { s: session }),
    };
    const isSigned = from === 'node' && mustBeSigned(bare.t);
    const header = isSigned ? { ...bare, sig: [signAsNode(NETWORK, signer)(signedFacts(bare))] } : bare;
    history.add({ kind: 'frame', at_ms: ts, link, from, header, said: words });
  };
};

export const openSession = (say: ReturnType<typeof connection>, session = SESSION, ts?: number): void => {
  say('network', { t: 'greeting', nonce: ZERO_BYTES32 }, ts);
  say('node', { t: 'hello', node: NODE, models: [], config_digest: CONFIG.digest }, ts);
  say('network', { t: 'welcome', session }, ts);
};

export const soundHistory = (): History => {
  const history = new History();
  const ref = { job: JOB, attempt: 1 };
  const receipt_digest = digestOfReceipt(RECEIPT);
  history.add({ kind: 'run', name: 'sound', seed: '1', least_jobs: 1, least_faults: 1 });
  history.add({ kind: 'key', at_ms: 1, place: 'node', digest: null, mode: 0 });
  history.add({ kind: 'key', at_ms: 2, place: 'node', digest: digestOf('key'), mode: 0o600 });
  history.add({ kind: 'floor', at_ms: 2, place: 'node', version: 2 });
  const say = connection(history, 1);
  openSession(say);
  say('node', { t: 'config.applied', ...CONFIG, outcome: 'applied' });
  const models = [{ ...MODEL, state: 'active' as const }];
  say('node', { t: 'heartbeat', models, config_digest: CONFIG.digest });
  history.add({ kind: 'asked', at_ms: 3, job: JOB, mode: 'poll' });
  say('network', { t: 'job.offer', ...ref, mode: 'poll', model: MODEL });
  say('node', { t: 'job.accept', ...ref });
  history.add({ kind: 'fault', at_ms: 4, fault: 'kill -9', target: 'node' });
  history.add({ kind: 'back', at_ms: 5, took_ms: 100, limit_ms: 60_000 });
  say('node', { t: 'result', receipt: RECEIPT, receipt_sig: `0x${'00'.repeat(65)}` });
  say('network', { t: 'result.ack', ...ref, receipt_digest, verdict: 'accepted' });
  history.add({ kind: 'answered', at_ms: 6, job: JOB, answer: 'completed' });

  const { name, chainId, genesis } = NETWORK;
  history.add({ kind: 'network', name, chain_id: chainId, genesis });
  history.add({ kind: 'published', ...CONFIG, models: [{ ...MODEL, enabled: true }] });
  const attempts = [{ attempt: 1, state: 'completed', receipt_digest }];
  history.add({ kind: 'job', job: JOB, paid: true, state: 'completed', attempts });
  for (const [entry, amount] of [
    ['reserve', '10'],
    ['settle', '7'],
    ['release', '3'],
  ] as const) {
    history.add({ kind: 'ledger', job: JOB, entry, amount, receipt_digest: null });
  }
  for (const from of ['node', 'network'] as const) {
    history.add({ kind: 'receipt', from, digest: receipt_digest, receipt: RECEIPT, signature: null });
  }
  history.add({ kind: 'attempt', ...ref, state: 'acknowledged' });
  history.add({ kind: 'floor', at_ms: 7, place: 'node', version: CONFIG.version });
  const segment = { kind: 'report', place: 'network', node: NODE, lines: 5 } as const;
  const [first, second] = [digestOf('segment 1'), digestOf('segment 2')];
  history.add({ ...segment, report: jobId(11), first_line: 0, sha256: first, previous: null });
  history.add({ ...segment, report: jobId(12), first_line: 5, sha256: second, previous: first });
  history.add({ kind: 'log_end', node: NODE, lines: 10 });
  history.add({ kind: 'searched', place: 'node.log', bytes: 100, found: [] });
  history.add({ kind: 'measured', what: 'disk', bytes: 10, bound: 20 });
  return history;
};

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JOB, RECEIPT } from '../../scripts/vectors/samples.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { digestOf } from '../../src/protocol/digest.js';
import { receipt } from '../../src/protocol/receipt.js';
import { startStreamChain } from '../../src/protocol/stream-chain.js';
import { createExecutions, lostExecution } from '../../src/services/executions.js';

const KEY = { job: JOB, attempt: 1 };
const REQUEST = digestOf('request');
const IMAGE = digestOf('image');

const begin = () => {
  const clock = new ManualClock();
  clock.advance(1_000);
  const executions = createExecutions(() => clock.monotonicMs());
  const execution = executions.begin(KEY, REQUEST, 1_000);
  return { clock, executions, execution };
};

test('seals digest, size, chain and count of exactly the chunks it took', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 20 }), (chunks) => {
      const { execution } = begin();
      expect(chunks.map((chunk) => execution.takeChunk(chunk))).toEqual(chunks.map((_, at) => at));
      const chain = startStreamChain(JOB, 1, REQUEST);
      for (const chunk of chunks) chain.append(chunk);
      const text = chunks.map((chunk) => `${chunk}\n`).join('');
      const { record, output } = execution.seal('completed', null);
      expect(record).toMatchObject({
        output_digest: digestOf(text),
        output_bytes: Buffer.byteLength(text),
        stream_head: chain.head,
        chunk_count: chunks.length,
      });
      expect(output).toEqual({ body: null, chunks });
      expect(execution.outputBytes).toBe(record.output_bytes);
    }),
  );
});

test('seals a plain answer as a chain of its one body', () => {
  const { execution } = begin();
  execution.takeBody('{"choices":[]}');
  const chain = startStreamChain(JOB, 1, REQUEST);
  chain.append('{"choices":[]}');
  const { record, output } = execution.seal('completed', null);
  expect(record).toMatchObject({
    output_digest: digestOf('{"choices":[]}'),
    output_bytes: 14,
    stream_head: chain.head,
    chunk_count: 1,
  });
  expect(output).toEqual({ body: '{"choices":[]}', chunks: null });
});

test('measures waiting, first output and the whole from the acceptance, and names the image it ran in', () => {
  const { clock, execution } = begin();
  clock.advance(20);
  execution.noteStart(IMAGE);
  clock.advance(30);
  execution.takeChunk('a');
  clock.advance(50);
  execution.takeChunk('b');
  execution.noteUsage({ promptTokens: 3, completionTokens: 4 });
  execution.noteFinish('stop');
  expect(execution.seal('completed', null).record).toMatchObject({
    runtime_digest: IMAGE,
    queue_ms: 20,
    first_token_ms: 50,
    total_ms: 100,
    prompt_tokens: 3,
    completion_tokens: 4,
    finish_reason: 'stop',
  });
});

test('says of an attempt that never ran that it only waited', () => {
  const { clock, execution } = begin();
  clock.advance(40);
  const { record, output } = execution.seal('expired', 'deadline');
  expect(record).toEqual({
    ...lostExecution(KEY, REQUEST, 'expired', 'deadline'),
    queue_ms: 40,
    total_ms: 40,
  });
  expect(output).toEqual({ body: null, chunks: [] });
});

test('keeps a refused field and no finish reason longer than the wire takes', () => {
  const { execution } = begin();
  execution.noteRefusal('messages');
  execution.noteFinish('x'.repeat(100));
  expect(execution.seal('runtime_rejected', 'bad_request').record).toMatchObject({
    reason: 'bad_request',
    param: 'messages',
    finish_reason: 'x'.repeat(32),
  });
});

test('finds an attempt until it ends', () => {
  const { executions, execution } = begin();
  expect(executions.find(KEY)).toBe(execution);
  expect(executions.find({ ...KEY, attempt: 2 })).toBeUndefined();
  executions.end(KEY);
  expect(executions.find(KEY)).toBeUndefined();
});

test.each([`${'x'.repeat(31)}😀`, '\ud83d', 'stop\udc00'])(
  'never keeps half a surrogate pair: %j',
  (reason) => {
    const { execution } = begin();
    execution.noteFinish(reason);
    const { finish_reason } = execution.seal('completed', null).record;
    expect(receipt.parse({ ...RECEIPT, finish_reason }).finish_reason).toBe(finish_reason);
  },
);

test('forgets its output once the journal has it, and still knows in which session it was delivered', () => {
  const { execution } = begin();
  execution.takeChunk('a');
  execution.deliveredIn = 'a session';
  const { output } = execution.seal('completed', null);
  execution.dropOutput();
  expect(output).toEqual({ body: null, chunks: ['a'] });
  expect(execution.seal('completed', null).output).toEqual({ body: null, chunks: [] });
  expect(execution.deliveredIn).toBe('a session');
});

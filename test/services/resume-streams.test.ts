import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JOB, NETWORK, NODE, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import { MemoryNetworkSockets } from '../../src/adapters/network-socket/memory-network-sockets.js';
import { HeldStream } from '../../src/network/jobs/held-stream.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { signAsNode } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { parseMessage } from '../../src/protocol/message-codec.js';
import { createExecutions } from '../../src/services/executions.js';
import { createOutboundLane } from '../../src/services/outbound-lane.js';
import { resumeStreams } from '../../src/services/resume-streams.js';
import { rememberingLogger } from './rig.js';

const KEY = { job: JOB, attempt: 1 };
const REQUEST = digestOf('request');

/** A stream this node has made, a session, and what the network holds of the stream. */
const rig = (chunks: readonly string[]) => {
  const sockets = new MemoryNetworkSockets();
  const lane = createOutboundLane(
    () => TIME_MS,
    () => undefined,
  );
  const executions = createExecutions(() => 0);
  const execution = executions.begin(KEY, REQUEST, 0);
  for (const chunk of chunks) execution.takeChunk(chunk);
  const handlers = { opened: () => undefined, message: () => undefined, closed: () => undefined };
  const socket = sockets.dial('ws://network', new AbortController().signal, handlers);
  lane.attach({ socket, session: SESSION, firstSeq: 1, sign: signAsNode(NETWORK, NODE) });
  const { logger, lines } = rememberingLogger();
  const held = new HeldStream(JOB, 1, REQUEST);
  const resume = (mark = { i: held.length, head: held.head }) =>
    resumeStreams({ executions, lane, logger }, [{ ...KEY, ...mark }]);
  /** What the node has sent, taken by the network as it takes deltas. */
  const deliver = () => {
    lane.flush();
    for (const bytes of sockets.last.sent.splice(0)) {
      const { type, body } = parseMessage(decodeFrame(bytes, LIMITS.resultBytes), 'node');
      if (type !== 'job.delta') continue;
      for (const { i, chunks: some } of body.batch) expect(held.take(i, some).kind).toBe('fresh');
    }
  };
  return { lane, execution, held, resume, deliver, lines };
};

test('wherever it was cut, the network ends up with the same stream', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 40 }),
      fc.nat(),
      fc.array(fc.string({ maxLength: 4 }), { maxLength: 5 }),
      (chunks, cut, later) => {
        const { lane, execution, held, resume, deliver } = rig(chunks);
        held.take(0, chunks.slice(0, cut % (chunks.length + 1)));
        expect(resume()).toEqual([]);
        expect(execution.deliveredIn).toBe(SESSION);
        for (const chunk of later) void lane.delta(JOB, 1, execution.takeChunk(chunk), chunk);
        deliver();
        const { record } = execution.seal('completed', null);
        expect([held.head, held.length, held.outputDigest]).toEqual([
          record.stream_head,
          record.chunk_count,
          record.output_digest,
        ]);
      },
    ),
  );
});

test.each([
  ['another beginning', { i: 1, head: bytes32Of('another chain') }],
  ['more than there is', { i: 3, head: bytes32Of('another chain') }],
])('does not go on with a stream of which the network holds %s', (_, mark) => {
  const { execution, held, resume, deliver, lines } = rig(['a', 'b']);
  expect(resume(mark)).toEqual([KEY]);
  deliver();
  expect([held.length, execution.deliveredIn]).toEqual([0, undefined]);
  expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ event: 'stream.forked', ...KEY });
});

test('leaves to the result what is too much for deltas, and what is in the journal already', () => {
  const much = rig(Array.from({ length: 20 }, () => 'x'.repeat(64 * 1024)));
  expect(much.resume()).toEqual([]);
  const wide = rig(['x'.repeat(LIMITS.deltaBytes)]);
  expect(wide.resume()).toEqual([]);
  const over = rig(['a']);
  over.execution.dropOutput();
  expect(over.resume()).toEqual([]);
  for (const { held, execution, deliver } of [much, wide, over]) {
    deliver();
    expect([held.length, execution.deliveredIn]).toEqual([0, undefined]);
  }
});

// What both sides compute alike: session ids, stream chains, manifests.
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { sessionId, signAsNetwork, signAsNode } from '../../src/protocol/handshake.js';
import { encodeMessage } from '../../src/protocol/message-codec.js';
import { manifestDigest, modelDigest } from '../../src/protocol/model-manifest.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { startStreamChain } from '../../src/protocol/stream-chain.js';
import { FILES, JOB, NETWORK, NODE, ONLINE, TIME_MS } from './samples.js';
import type { Vector, VectorFile } from './vector-file.js';

const handshake = (name: string, about: string, nonce: string): Vector => {
  const greeting = encodeMessage(
    {
      type: 'greeting',
      body: { nonce, network: NETWORK.name, versions: [1], time_ms: TIME_MS, config: null },
      seq: 0,
      timeMs: TIME_MS,
      session: undefined,
    },
    signAsNetwork(NETWORK, ONLINE, ZERO_ADDRESS),
  );
  const hello = encodeMessage(
    {
      type: 'hello',
      body: {
        nonce,
        node: NODE.address,
        audience: 'wss://network.example',
        instance: JOB,
        agent_version: '0.1.0',
        protocol: 1,
        config_digest: null,
        models: [],
        running: [],
        outbox: [],
      },
      seq: 0,
      timeMs: TIME_MS,
      session: undefined,
    },
    signAsNode(NETWORK, NODE),
  );
  const [greetingDigest, helloDigest] = [greeting, hello].map(
    (frame) => decodeFrame(frame, 65_536).header.bd,
  );
  return {
    name,
    about,
    network: NETWORK,
    greeting_frame: greeting.toString(),
    hello_frame: hello.toString(),
    greeting_digest: greetingDigest,
    hello_digest: helloDigest,
    session: sessionId(greetingDigest ?? '', helloDigest ?? ''),
  };
};

export const sessionVectors: VectorFile = {
  about:
    'A session id is SHA-256 over the text "resultity.session.v1" followed by the digests of the bodies of greeting and ' +
    'hello in their wire form (sha256: and hex). greeting is signed for the zero address, hello by the node.',
  vectors: [
    handshake('first', 'A greeting and the hello that answers it.', bytes32Of('nonce 1')),
    handshake('second', 'Another nonce, another session.', bytes32Of('nonce 2')),
  ],
};

const chain = (name: string, about: string, chunks: readonly string[], attempt = 1): Vector => {
  const requestDigest = digestOf('the exact bytes of the offer');
  const stream = startStreamChain(JOB, attempt, requestDigest);
  const heads = [stream.head];
  for (const chunk of chunks) {
    stream.append(chunk);
    heads.push(stream.head);
  }
  const output = chunks.map((chunk) => `${chunk}\n`).join('');
  return {
    name,
    about,
    job: JOB,
    attempt,
    request_digest: requestDigest,
    chunks,
    heads,
    output_digest: digestOf(output),
    output_bytes: Buffer.byteLength(output),
  };
};

export const streamVectors: VectorFile = {
  about:
    'The chain over the chunks of a stream. heads[0] = SHA-256("resultity.stream.v1" job LF attempt LF request_digest); ' +
    'heads[i+1] = SHA-256(heads[i] as 32 bytes, byte length of chunk i as uint32 big-endian, chunk i in UTF-8). How ' +
    'chunks were batched into frames does not matter. output_digest is over the chunks, each followed by LF.',
  vectors: [
    chain('empty', 'No chunk: the head is the start.', []),
    chain('three-chunks', 'An ordinary stream.', ['{"a":1}', '{"b":"é"}', '{"c":"😀"}']),
    chain('empty-chunk', 'An empty chunk counts.', ['']),
    chain('boundaries', 'The same text cut elsewhere has another head.', [
      '{"a":1}{"b"',
      ':"é"}',
      '{"c":"😀"}',
    ]),
    chain('second-attempt', 'The attempt is part of the start.', ['{"a":1}'], 2),
  ],
};

export const manifestVectors: VectorFile = {
  about:
    'A model is named by the SHA-256 over one line per file, sorted by path: digest, space, size in decimal, space, path, ' +
    'LF. Where the engine brings its own weights the list is empty and the line is "engine-provided", id and version.',
  vectors: [
    {
      name: 'two-files',
      about: 'Sources do not count.',
      id: 'tiny',
      version: '1',
      files: FILES,
      lines: FILES.map((file) => `${file.sha256} ${file.size_bytes} ${file.path}\n`).join(''),
      digest: manifestDigest(FILES),
    },
    {
      name: 'engine-provided',
      about: 'No files.',
      id: 'llama3.2',
      version: '3b',
      files: [],
      lines: 'engine-provided llama3.2 3b\n',
      digest: modelDigest({ id: 'llama3.2', version: '3b', files: [] }),
    },
    ...['../config.json', '/etc/passwd', 'a//b', '.hidden', 'model.py', 'model.bin', 'a\\b', 'naïve'].map(
      (path) => ({
        name: `path ${path}`,
        about: 'A path that must be refused.',
        id: 'tiny',
        version: '1',
        files: [{ ...FILES[0], path }],
        refusal: 'malformed',
      }),
    ),
    {
      name: 'unsorted',
      about: 'Files must be sorted by path, each once.',
      id: 'tiny',
      version: '1',
      files: [...FILES].reverse(),
      refusal: 'malformed',
    },
  ],
};

// `demo`: the whole mission in one command. A network, a node and an engine on this machine; real OpenAI
// requests through them; results signed by the node, verified and billed by the network.
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DemoFailedError } from './demo/demo-errors.js';
import { withExamples } from './node-options.js';
import { type CommandIo, note, printFacts, printJson, printTable } from './output.js';

interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly port: number;
  readonly slots: number;
  readonly engine: string;
  readonly image?: string;
  readonly modelDirectory?: string;
  readonly containerSocket?: string;
}

const CONNECTED_WITHIN_MS = 60_000;
const DELIVERED_WITHIN_MS = 30_000;

const countOf =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a number from ${min} to ${max}`);
    return value;
  };

export const demoCommand = (io: CommandIo): Command =>
  withExamples(
    new Command('demo')
      .description('run network, node and an engine here, with real requests through them')
      .option('--once', 'end after the results were acknowledged, with exit code 0 if nothing is missing')
      .option('--json', 'print one JSON document at the end instead of text (with --once)')
      .option('--keep', 'keep the data directory afterwards')
      .option('--port <number>', 'port of the network; 0: any that is free', countOf(0, 65_535), 0)
      .option('--slots <number>', 'requests the engine works on at once', countOf(1, 512), 8)
      .addOption(
        new Option('--engine <engine>', 'the engine that answers')
          .choices(['simulator', 'vllm-cpu', 'vllm'])
          .default('simulator'),
      )
      .option('--image <image>', 'image of a real engine: name@sha256:…, or the id of one that is there')
      .option('--model-directory <directory>', 'files of the model a real engine serves')
      .option('--container-socket <path>', 'socket of the Docker Engine that runs a real engine'),
    [
      'demo',
      'demo --once',
      'demo --port 7530 --keep',
      'demo --engine vllm-cpu --image sha256:0123… --model-directory ./gemma-3-270m',
    ],
  ).action(async (options: DemoOptions) => {
    const directory = await mkdtemp(join(tmpdir(), 'resultity-demo-'));
    try {
      await runDemo(directory, options, io);
    } finally {
      if (options.keep === true) note(io, `Kept: ${directory}`);
      else await (await import('./demo/remove-directory.js')).removeDirectory(directory);
    }
  });

const runDemo = async (directory: string, options: DemoOptions, io: CommandIo): Promise<void> => {
  const { pino } = await import('pino');
  const { default: OpenAI } = await import('openai');
  const { demoEngine } = await import('./demo/demo-engine.js');
  const { startDemoNetwork } = await import('./demo/demo-network.js');
  const { claimDemoNode, consoleLink, startDemoNode } = await import('./demo/demo-node.js');
  const { runDemoJobs } = await import('./demo/demo-jobs.js');
  const { proveDemo } = await import('./demo/demo-proof.js');
  const { tellStages, untilStatus } = await import('./demo/demo-stages.js');
  const say = (text: string): void => {
    if (options.json !== true) io.stdout.write(`${text}\n`);
  };
  const engine = demoEngine(options);
  await mkdir(join(directory, 'logs'));
  const networkLog = createWriteStream(join(directory, 'logs', 'network.ndjson'));
  const nodeLog = createWriteStream(join(directory, 'logs', 'node.ndjson'));

  say(`Resultity demo: a network, a node and ${engine.title} on this machine.\n`);
  const network = await startDemoNetwork(directory, options, engine, pino({ level: 'debug' }, networkLog));
  say(`network     ${network.url}, trust root ${network.genesis.slice(0, 19)}…`);
  const daemon = await startDemoNode(directory, network, engine, nodeLog);
  const forget = tellStages(daemon.view, engine.remark, say);
  try {
    await untilStatus(
      daemon.view,
      ({ network: { connected } }) => connected,
      CONNECTED_WITHIN_MS,
      'the node is connected',
    );
    await claimDemoNode(directory, network, io.signal);
    await untilStatus(
      daemon.view,
      ({ idleReason, models }) => idleReason === null && models.every(({ state }) => state === 'active'),
      engine.readyWithinMs,
      'the node is ready for jobs',
    );
    say('\nSending OpenAI requests through the network:');
    const client = new OpenAI({
      baseURL: `${network.url}/v1`,
      apiKey: network.apiKey,
      maxRetries: 0,
      timeout: engine.answerWithinMs,
    });
    const count = engine.jobs.length;
    await runDemoJobs(client, engine.jobs, ({ name, summary, tookMs }) =>
      say(`executing   ${name.padEnd(15)} ${summary} (${tookMs} ms)`),
    );
    await untilStatus(
      daemon.view,
      ({ jobs }) => jobs.outbox === 0 && jobs.running === 0 && jobs.queued === 0,
      DELIVERED_WITHIN_MS,
      'every result is acknowledged',
    );
    await untilStatus(
      daemon.view,
      ({ reports }) => reports.delivered > 0,
      DELIVERED_WITHIN_MS,
      'a log report is delivered',
    );
    const { url, genesis } = network;
    const proof = await proveDemo(network.admin, network.namespace, await networkIdOf(network));
    const missing = count - proof.receipts.filter(({ verified, charged }) => verified && charged > 0n).length;
    const isWhole =
      missing === 0 &&
      proof.reserved === 0n &&
      proof.available + proof.charged === network.deposit &&
      proof.jobs.every(({ state }) => state === 'completed');
    if (options.json === true) {
      printJson(io, { url, genesis, ok: isWhole, ...proof, jobs: proof.jobs.length });
    } else {
      say('\nReceipts, signed by the node and verified:');
      printTable(
        io,
        ['JOB', 'MODEL', 'TOKENS', 'TOTAL', 'SEQ', 'SIGNATURE', 'CHARGED'],
        proof.receipts.map((one) => [
          one.job,
          one.model,
          one.tokens,
          `${one.totalMs} ms`,
          String(one.seq),
          one.verified ? 'verified' : 'NOT VALID',
          `${one.charged} µcr`,
        ]),
      );
      say('\nLedger, in micro-credits:');
      printFacts(io, {
        Deposited: network.deposit.toString(),
        Charged: proof.charged.toString(),
        Available: proof.available.toString(),
        Reserved: proof.reserved.toString(),
      });
    }
    if (!isWhole) {
      throw new DemoFailedError(`${missing} of ${count} results lack a verified, settled receipt`, {
        advice: `Run it again with --keep and read the logs in ${join(directory, 'logs')}.`,
      });
    }
    say(`\nAll ${count} results were signed, verified, settled and acknowledged.`);
    if (options.once === true) return;
    const nodeLink = await consoleLink(directory, daemon);
    say('\nLook inside, each in a browser on this machine:');
    printFacts(io, {
      'Node’s console': nodeLink ?? 'none',
      'Network’s page': network.pageLink ?? 'none',
    });
    say('\nUse it from any OpenAI client until you press Ctrl-C:');
    printFacts(io, {
      'Base URL': `${network.url}/v1`,
      'API key': network.apiKey,
      Models: daemon.view
        .status()
        .models.map(({ id }) => id)
        .join(', '),
    });
    say(
      `\n  curl ${network.url}/v1/chat/completions -H 'authorization: Bearer ${network.apiKey}' \\\n    -H 'content-type: application/json' -d '{"model":"demo-chat","messages":[{"role":"user","content":"Hello"}]}'`,
    );
    await Promise.race([aborted(io.signal), daemon.ended]);
  } finally {
    forget();
    daemon.stop();
    await daemon.ended;
    await network.close();
    networkLog.end();
    nodeLog.end();
  }
};

const networkIdOf = async (network: { readonly url: string; readonly genesis: string }) => {
  const { readTrustRoot } = await import('../protocol/trust-root.js');
  const response = await fetch(`${network.url}/v1/root/1`);
  return readTrustRoot(new Uint8Array(await response.arrayBuffer()), network.genesis).network;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

// Runs the reference network in the foreground until it is told to stop.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import { DEFAULT_CHAIN_ID, DEFAULT_PORT, type NetworkOptions } from '../../network/main/network-options.js';
import { TIMES } from '../../protocol/limits.js';
import { type CommandIo, note, printFacts, UsageError } from '../output.js';
import { countOption } from './arguments.js';
import { answer, dataDirOf, NETWORK_VARIABLES, type SharedOptions, shared } from './network-context.js';

interface StartOptions extends SharedOptions {
  readonly host?: string;
  readonly port: number;
  readonly pageHost?: string;
  readonly pagePort?: number;
  /** False with --no-page. */
  readonly page: boolean;
  readonly name: string;
  readonly chainId: number;
  readonly portalUrl?: string;
  readonly publicOrigin?: string[];
  readonly mailFrom?: string;
  readonly blindEvery?: number;
  readonly pingEvery?: number;
  readonly deadAfter?: number;
  readonly lease?: number;
  readonly pricePrompt?: number;
  readonly priceCompletion?: number;
  readonly logLevel: string;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MICRO = countOption(0, 1_000_000_000);

const collect = (one: string, all: string[] = []): string[] => [...all, one];

export const startCommand = (io: CommandIo): Command => {
  const command = new Command('start').description('run the network in the foreground');
  const level = command.createOption('--log-level <level>', 'what to log to stderr').choices(LOG_LEVELS);
  command
    .option('--host <address>', 'address to listen on; naming it allows others than loopback')
    .option('--port <number>', 'port to listen on; 0: any that is free', countOption(0, 65_535), DEFAULT_PORT)
    .option(
      '--page-port <number>',
      'port of its page; 0: any; default: the one after --port',
      countOption(0, 65_535),
    )
    .option('--page-host <address>', 'address of its page; naming it allows others than loopback')
    .option('--no-page', 'serve no page')
    .option('--name <name>', 'name of the network', 'devnet')
    .option(
      '--chain-id <number>',
      'EVM chain of the network',
      countOption(1, Number.MAX_SAFE_INTEGER),
      DEFAULT_CHAIN_ID,
    )
    .option('--portal-url <url>', "where owners manage nodes; default: the network's own URL")
    .option('--public-origin <url>', 'ws(s) origin nodes use through a proxy; may be repeated', collect)
    .option('--mail-from <address>', `sender of mails; the server is in ${NETWORK_VARIABLES.smtpUrl}[_FILE]`)
    .option('--blind-every <ms>', 'mean time between blind test jobs; default: none', countOption(100, 1e10))
    .option('--ping-every <ms>', 'between pings to a node; default: 10000', countOption(250, TIMES.pingMs))
    .option(
      '--dead-after <ms>',
      'silence that ends a session, at least two pings; default: 25000',
      countOption(500, TIMES.deadMs),
    )
    .option(
      '--lease <ms>',
      'silence that costs a node the job it runs; default: 30000',
      countOption(1_000, TIMES.jobMaxMs),
    )
    .option('--price-prompt <micro>', 'micro-credits for a prompt token', MICRO)
    .option('--price-completion <micro>', 'micro-credits for a completion token', MICRO)
    .addOption(level.default('info'));
  return shared(command, [
    'start',
    'start --port 0 --data-dir ./my-network --json',
    'start --host 0.0.0.0 --public-origin wss://network.example.org',
  ]).action(async (options: StartOptions) => {
    const { startNetwork } = await import('../../network/main/start-network.js');
    const logger = pino({ level: options.logLevel }, { write: (line) => void io.stderr.write(line) });
    const network = await startNetwork(await networkOptions(options, io), { logger });
    try {
      const { url, genesis, network: id, dataDir } = network;
      const started = {
        url,
        genesis,
        name: id.name,
        chain_id: id.chainId,
        page_url: network.pageUrl,
        data_dir: dataDir,
        pid: process.pid,
      };
      answer(io, options, { event: 'network.started', ...started }, () => {
        const page = network.pageUrl ?? 'none';
        printFacts(io, { Network: id.name, URL: url, Genesis: genesis, Data: dataDir, Page: page });
        if (network.pageUrl !== null) note(io, "'network page' prints the page's link with its token.");
        note(io, 'The network runs until it is told to stop (Ctrl-C).');
      });
      await aborted(io.signal);
    } finally {
      await network.close();
    }
  });
};

const networkOptions = async (options: StartOptions, { env }: CommandIo): Promise<NetworkOptions> => {
  const { host, port, name, chainId, portalUrl, publicOrigin, mailFrom, blindEvery } = options;
  const { page, pageHost, pagePort } = options;
  const { pingEvery, deadAfter, lease } = options;
  const smtpUrl = await smtpUrlOf(env);
  const { pricePrompt, priceCompletion } = options;
  if ((pricePrompt === undefined) !== (priceCompletion === undefined)) {
    throw new UsageError('--price-prompt and --price-completion go together');
  }
  return {
    dataDir: dataDirOf(options, env),
    port,
    name,
    chainId,
    ...(host !== undefined && { host, allowRemote: true }),
    ...(pageHost !== undefined && { pageHost, allowRemote: true }),
    ...(page ? pagePort !== undefined && { pagePort } : { pagePort: null }),
    ...(portalUrl !== undefined && { portalUrl }),
    ...(publicOrigin !== undefined && { publicOrigins: publicOrigin }),
    ...(mailFrom !== undefined && { mailFrom }),
    ...(smtpUrl !== undefined && { smtpUrl }),
    ...(blindEvery !== undefined && { blindEveryMs: blindEvery }),
    ...(pingEvery !== undefined && { pingMs: pingEvery }),
    ...(deadAfter !== undefined && { deadMs: deadAfter }),
    ...(lease !== undefined && { leaseMs: lease }),
    ...(pricePrompt !== undefined &&
      priceCompletion !== undefined && {
        prices: { promptToken: pricePrompt, completionToken: priceCompletion },
      }),
  };
};

/** It may hold a password, so it is never a flag: other users read those in the list of processes. */
const smtpUrlOf = async (env: CommandIo['env']): Promise<string | undefined> => {
  const file = env[NETWORK_VARIABLES.smtpUrlFile];
  if (file === undefined || file === '') return env[NETWORK_VARIABLES.smtpUrl] || undefined;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new UsageError(`${NETWORK_VARIABLES.smtpUrlFile} names a file that cannot be read: ${file}`, {
      cause,
    });
  }
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

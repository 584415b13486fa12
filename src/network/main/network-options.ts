// Everything a network can be told when it starts, checked at once.
import { isIP } from 'node:net';
import { z } from 'zod';
import { TIMES } from '../../protocol/limits.js';
import { millis, networkName } from '../../protocol/primitives.js';
import { NetworkOptionsError } from './network-errors.js';

export const DEFAULT_PORT = 7530;
/** Chain id of local development chains (Hardhat, Anvil): no real chain answers to it. */
export const DEFAULT_CHAIN_ID = 31_337;
const DEFAULT_HOST = '127.0.0.1';

const microCredits = z.int().min(0).max(1_000_000_000);

const optionsSchema = z
  .strictObject({
    dataDir: z.string().min(1),
    /** Address to listen on. */
    host: z.string().min(1).max(255).default(DEFAULT_HOST),
    /** The operator named an address other machines can reach, and means it. */
    allowRemote: z.boolean().default(false),
    /** 0: the system chooses. */
    port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
    /** Address of the network's page. */
    pageHost: z.string().min(1).max(255).default(DEFAULT_HOST),
    /** Port of the page; 0: the system chooses; null: no page; absent: the one after `port`. */
    pagePort: z.int().min(0).max(65_535).nullable().optional(),
    name: networkName.default('devnet'),
    /** EIP-155; the chain that signatures are bound to. */
    chainId: z.int().min(1).default(DEFAULT_CHAIN_ID),
    /** Where owners manage nodes, shown in their wallets; absent: the network's own URL. */
    portalUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Addresses under which nodes reach this network through a proxy, e.g. `wss://io.example.org`. */
    publicOrigins: z.array(z.url({ protocol: /^wss?$/ })).default([]),
    /** `smtp://user:password@host:port` or `smtps://…`; absent: mails are written into `mailOutbox`. */
    smtpUrl: z.url({ protocol: /^smtps?$/ }).optional(),
    mailFrom: z.string().max(254).default('Resultity network <network@localhost>'),
    /** Directory for mails without SMTP; absent: inside the data directory. */
    mailOutbox: z.string().min(1).optional(),
    /** Mean time between blind jobs; null: none. */
    blindEveryMs: millis.min(100).nullable().default(null),
    /** Between pings to a node, silence that ends its session, silence that costs it a job. */
    pingMs: millis.min(250).max(TIMES.pingMs).default(TIMES.pingMs),
    deadMs: millis.min(500).max(TIMES.deadMs).default(TIMES.deadMs),
    leaseMs: millis.min(1_000).max(TIMES.jobMaxMs).default(TIMES.leaseMs),
    /** Micro-credits for one token. */
    prices: z
      .strictObject({ promptToken: microCredits, completionToken: microCredits })
      .default({ promptToken: 1, completionToken: 3 }),
  })
  .refine(({ pingMs, deadMs }) => deadMs >= 2 * pingMs, {
    path: ['deadMs'],
    error: 'silence of less than two pings says nothing',
  })
  .refine(({ host, allowRemote }) => allowRemote || isLoopback(host), {
    path: ['host'],
    error: 'an address that other machines can reach must be named explicitly (--host)',
  })
  .refine(({ pageHost, allowRemote }) => allowRemote || isLoopback(pageHost), {
    path: ['pageHost'],
    error: 'an address that other machines can reach must be named explicitly (--page-host)',
  });

export type NetworkOptions = z.input<typeof optionsSchema>;
export type CheckedOptions = z.output<typeof optionsSchema>;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** @throws NetworkOptionsError naming each option at fault; values that may be secret are not repeated */
export const checkOptions = (options: NetworkOptions): CheckedOptions => {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new NetworkOptionsError(`the network cannot start with these options: ${problems.join('; ')}`, {
    advice: "See 'resultity-node network start --help'.",
  });
};

// `claim`: binds this node to an account. By wallet: shows the text to sign and takes the signature, or signs with a
// keystore file. By e-mail: the network sends a code, which is given in a second call or typed in.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Binding } from '../daemon/bind-node.js';
import { NodeError } from '../errors.js';
import {
  type BindFinish,
  type BindOffer,
  bindFinish,
  type NodeStanding,
  type OwnerRef,
  ownerRef,
} from '../protocol/http.js';
import { withNetwork } from './choose-network.js';
import { knownNetwork } from './known-network.js';
import { answer, type NodeOptions, settingsOf, withPlace } from './node-options.js';
import { type CommandIo, note, printFacts, UsageError } from './output.js';

interface ClaimOptions extends NodeOptions {
  readonly networkUrl?: string;
  readonly network?: string;
  readonly wallet?: string;
  readonly walletKeystore?: string;
  readonly walletPassphraseFile?: string;
  readonly email?: string;
  readonly binding?: string;
  readonly signature?: string;
  readonly code?: string;
}

/** The network's no, under the network's own code: scripts tell a wrong proof from an expired claim by it. */
class ClaimRefusedError extends NodeError {
  constructor(
    readonly code: string,
    message: string,
    readonly retryable: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

export const claimCommand = (io: CommandIo): Command =>
  withPlace(
    withNetwork(new Command('claim').description('bind this node to your account, by wallet or by e-mail'))
      .option('--network-url <url>', 'network the node is registered with (env: RESULTITY_NETWORK_URL)')
      .option('--wallet <address>', 'your wallet; the text to sign is printed')
      .option('--wallet-keystore <file>', 'sign with this Web3 keystore file instead of by hand')
      .option('--wallet-passphrase-file <file>', 'passphrase of the keystore file')
      .option('--email <address>', 'your e-mail address; the network sends a code')
      .option('--binding <id>', 'claim begun by an earlier call')
      .option('--signature <hex>', 'the wallet’s signature, with --binding')
      .option('--code <digits>', 'the code from the mail, with --binding'),
    [
      'claim --wallet 0xYourAddress',
      'claim --binding 01J… --signature 0x…',
      'claim --wallet-keystore owner.json --wallet-passphrase-file owner.pass',
      'claim --email you@example.org --network mainnet',
      'claim --binding 01J… --code 12345678',
    ],
  ).action(async (options: ClaimOptions) => {
    try {
      await claim(options, io);
    } catch (caught) {
      const { NetworkRefusedError } = await import('../adapters/network-http/network-http-errors.js');
      if (!(caught instanceof NetworkRefusedError) || caught.problem === undefined) throw caught;
      const { code, detail, title } = caught.problem;
      throw new ClaimRefusedError(code.toUpperCase(), detail ?? title, caught.retryable, caught);
    }
  });

const claim = async (options: ClaimOptions, io: CommandIo): Promise<void> => {
  if (options.binding !== undefined) {
    const { binding: id, proof } = finishOf(options.binding, options);
    const binding = await connect(options, io);
    report(io, options, await binding.finish(id, proof, io.signal));
  } else if (options.walletKeystore !== undefined) {
    const binding = await connect(options, io);
    report(io, options, await signByKeystore(binding, options, io));
  } else {
    const owner = ownerOf(options);
    const binding = await connect(options, io);
    const offer = await binding.begin(owner, io.signal);
    answer(io, options, offer, () => explain(io, offer, options));
  }
};

const connect = async (options: ClaimOptions, io: CommandIo): Promise<Binding> => {
  const { config } = settingsOf(options, io);
  const { openKey } = await import('../daemon/open-key.js');
  const { openBinding } = await import('../daemon/bind-node.js');
  const { url: networkUrl, genesis } = await knownNetwork(config, options.network);
  // A claim never makes a key: without one, there is nothing to claim.
  const { identity } = await openKey(config, () => Promise.resolve(true));
  return openBinding({ identity, networkUrl, genesis }, io.signal);
};

const ownerOf = ({ wallet, email }: ClaimOptions): OwnerRef => {
  if (wallet !== undefined && email === undefined) {
    if (!/^0x[0-9a-fA-F]{40}$/.test(wallet))
      throw new UsageError('--wallet must be an address: 0x and 40 hex digits');
    return { kind: 'wallet', address: wallet };
  }
  if (email !== undefined && wallet === undefined) {
    if (!ownerRef.safeParse({ kind: 'email', email }).success)
      throw new UsageError('--email must be an e-mail address, such as you@example.org');
    return { kind: 'email', email };
  }
  throw new UsageError('name your account: either --wallet, --wallet-keystore or --email');
};

type Finish = Pick<BindFinish, 'binding' | 'proof'>;

/** What was printed or mailed, typed in again: a slip is told before a try is spent on it. */
const finishOf = (binding: string, { signature, code }: ClaimOptions): Finish => {
  if ((signature === undefined) === (code === undefined))
    throw new UsageError('--binding needs either --signature (wallet) or --code (e-mail)');
  const proof =
    signature === undefined
      ? { kind: 'email', code }
      : { kind: 'wallet', signature: signature.toLowerCase() };
  const parsed = bindFinish.pick({ binding: true, proof: true }).safeParse({ binding, proof });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    ({ path }) => WANTED[String(path.at(-1))] ?? 'the proof is malformed',
  );
  throw new UsageError(wrong.join('; '));
};

const WANTED: Readonly<Record<string, string>> = {
  binding: '--binding must be the id that was printed: 26 letters and digits',
  signature: '--signature must be 0x and 130 hex digits, as personal_sign answers it',
  code: '--code must be the 8 digits of the mail',
};

const signByKeystore = async (
  binding: Binding,
  options: ClaimOptions,
  io: CommandIo,
): Promise<NodeStanding> => {
  const { walletKeystore = '', walletPassphraseFile } = options;
  if (walletPassphraseFile === undefined)
    throw new UsageError('--wallet-keystore needs --wallet-passphrase-file');
  const { openOwnerWallet } = await import('../adapters/identity/owner-wallet.js');
  const passphrase = (await readNamed('--wallet-passphrase-file', walletPassphraseFile)).replace(
    /\r?\n$/,
    '',
  );
  const owner = await openOwnerWallet(await readNamed('--wallet-keystore', walletKeystore), passphrase);
  const offer = await binding.begin({ kind: 'wallet', address: owner.address }, io.signal);
  if (offer.message === undefined) throw new UsageError('the network sent no text to sign');
  note(io, `Signing as ${owner.address}:\n${offer.message}\n`);
  return binding.finish(
    offer.binding,
    { kind: 'wallet', signature: owner.signText(offer.message) },
    io.signal,
  );
};

const readNamed = async (flag: string, path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new UsageError(`${flag}: ${path} cannot be read: ${reason}`, { cause });
  }
};

/** The flags that name the same node in the next call. */
const sameNode = ({ dataDir, config, networkUrl, network }: ClaimOptions): string =>
  Object.entries({
    '--data-dir': dataDir,
    '--config': config,
    '--network-url': networkUrl,
    '--network': network,
  })
    .flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${JSON.stringify(value)}`]))
    .join('');

const explain = (io: CommandIo, offer: BindOffer, options: ClaimOptions): void => {
  const next = `resultity-node claim${sameNode(options)} --binding ${offer.binding}`;
  const until = new Date(offer.expires_ms).toISOString();
  if (offer.message === undefined) {
    note(io, `The network has sent a code to this address. It is valid until ${until}. Then run:`);
    io.stdout.write(`${next} --code CODE\n`);
    return;
  }
  note(io, `Sign this text with your wallet (personal_sign) before ${until}:\n`);
  io.stdout.write(`${offer.message}\n`);
  note(io, `\nThen run:\n  ${next} --signature 0x…`);
};

const report = (io: CommandIo, options: ClaimOptions, bound: NodeStanding): void =>
  answer(io, options, bound, () =>
    printFacts(io, {
      Node: bound.node,
      Account: bound.standing.account?.label ?? 'none',
      Standing: bound.standing.state,
    }),
  );

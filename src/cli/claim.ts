// `claim`: binds this node to an account. By wallet: shows the text to sign and takes the signature, or signs with a
// keystore file. By e-mail: the network sends a code, which is given in a second call or typed in.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Binding } from '../daemon/bind-node.js';
import type { BindOffer, NodeStanding, OwnerRef } from '../protocol/http.js';
import { answer, type NodeOptions, settingsOf, withPlace } from './node-options.js';
import { type CommandIo, note, printFacts, UsageError } from './output.js';

interface ClaimOptions extends NodeOptions {
  readonly networkUrl?: string;
  readonly wallet?: string;
  readonly walletKeystore?: string;
  readonly walletPassphraseFile?: string;
  readonly email?: string;
  readonly binding?: string;
  readonly signature?: string;
  readonly code?: string;
}

export const claimCommand = (io: CommandIo): Command =>
  withPlace(
    new Command('claim')
      .description('bind this node to your account, by wallet or by e-mail')
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
      'claim --email you@example.org',
      'claim --binding 01J… --code 12345678',
    ],
  ).action(async (options: ClaimOptions) => {
    const binding = await connect(options, io);
    if (options.binding !== undefined) {
      report(io, options, await binding.finish(options.binding, proofOf(options), io.signal));
      return;
    }
    if (options.walletKeystore !== undefined) {
      report(io, options, await signByKeystore(binding, options, io));
      return;
    }
    const offer = await binding.begin(ownerOf(options), io.signal);
    answer(io, options, offer, () => explain(io, offer));
  });

const connect = async (options: ClaimOptions, io: CommandIo): Promise<Binding> => {
  const { config } = settingsOf(options, io);
  const { readAccounts } = await import('../adapters/state/read-accounts.js');
  const { openKey } = await import('../daemon/open-key.js');
  const { openBinding } = await import('../daemon/bind-node.js');
  const accounts = await readAccounts(config.dataDir);
  const [only, ...more] = accounts;
  const networkUrl = config.networkUrl ?? (more.length === 0 ? only?.url : undefined);
  if (networkUrl === undefined) {
    throw new UsageError(
      accounts.length === 0
        ? 'this node has not registered with any network yet'
        : 'this node belongs to several networks',
    );
  }
  const genesis = accounts.find((account) => account.url === networkUrl)?.genesis ?? config.networkGenesis;
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
  if (email !== undefined && wallet === undefined) return { kind: 'email', email };
  throw new UsageError('name your account: either --wallet, --wallet-keystore or --email');
};

const proofOf = ({ signature, code }: ClaimOptions): Parameters<Binding['finish']>[1] => {
  if (signature !== undefined && code === undefined)
    return { kind: 'wallet', signature: signature.toLowerCase() };
  if (code !== undefined && signature === undefined) return { kind: 'email', code };
  throw new UsageError('--binding needs either --signature (wallet) or --code (e-mail)');
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
  const passphrase = (await readFile(walletPassphraseFile, 'utf8')).replace(/\r?\n$/, '');
  const owner = await openOwnerWallet(await readFile(walletKeystore, 'utf8'), passphrase);
  const offer = await binding.begin({ kind: 'wallet', address: owner.address }, io.signal);
  if (offer.message === undefined) throw new UsageError('the network sent no text to sign');
  note(io, `Signing as ${owner.address}:\n${offer.message}\n`);
  return binding.finish(
    offer.binding,
    { kind: 'wallet', signature: owner.signText(offer.message) },
    io.signal,
  );
};

const explain = (io: CommandIo, offer: BindOffer): void => {
  const until = new Date(offer.expires_ms).toISOString();
  if (offer.message === undefined) {
    note(io, `The network has sent a code to this address. It is valid until ${until}. Then run:`);
    io.stdout.write(`resultity-node claim --binding ${offer.binding} --code CODE\n`);
    return;
  }
  note(io, `Sign this text with your wallet (personal_sign) before ${until}:\n`);
  io.stdout.write(`${offer.message}\n`);
  note(io, `\nThen run:\n  resultity-node claim --binding ${offer.binding} --signature 0x…`);
};

const report = (io: CommandIo, options: ClaimOptions, bound: NodeStanding): void =>
  answer(io, options, bound, () =>
    printFacts(io, {
      Node: bound.node,
      Account: bound.standing.account?.label ?? 'none',
      Standing: bound.standing.state,
    }),
  );

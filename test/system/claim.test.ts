// A node is claimed from the command line, in each of the ways, and each wrong way is told from the others.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { expect, test } from 'vitest';
import { networkPaths } from '../../src/network/main/network-paths.js';
import {
  type RunningNode,
  run,
  runHere,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from '../e2e/processes.js';

interface Offer {
  readonly binding: string;
  readonly message?: string;
}

const claim = (node: RunningNode, ...args: string[]) =>
  runHere(['claim', '--data-dir', node.dataDir, ...args]);

const claimByBinary = (node: RunningNode, ...args: string[]) =>
  run(['claim', '--data-dir', node.dataDir, ...args]);

const registered = (node: RunningNode) =>
  until(
    'the node is connected',
    () => node.control.status(),
    (status) => status.network.connected,
  );

/** What `status` prints once the node has heard that it is claimed. */
const claimedStatus = async (node: RunningNode): Promise<string> => {
  await until(
    'the node knows its owner',
    () => node.control.status(),
    (status) => status.network.account !== null,
  );
  return (await runHere(['status', '--data-dir', node.dataDir])).stdout;
};

const short = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;

const mailedCode = async (directory: string): Promise<string> => {
  const { outbox } = networkPaths(join(directory, 'network'));
  const mails = await until(
    'a mail is in the outbox',
    async () => (await readdir(outbox)).filter((name) => name.endsWith('.eml')).sort(),
    (names) => names.length > 0,
  );
  const mail = await readFile(join(outbox, mails.at(-1) ?? ''), 'utf8');
  const code = /\b(\d{8})\b/.exec(mail.slice(mail.indexOf('\r\n\r\n')))?.[1];
  if (code === undefined) throw new Error('no code in the mail');
  return code;
};

const refused = (code: number, words: string) => ({
  code,
  stdout: '',
  stderr: expect.stringContaining(words) as string,
});

test('claims by keystore, by a signature made elsewhere and by a mailed code, and tells wrong proofs apart', async () => {
  const directory = await temporaryDirectory();
  const network = await startNetworkProcess(directory);
  const start = (name: string): RunningNode => startNodeProcess(directory, network.url, { name });
  const one = start('one');
  const two = start('two');
  const three = start('three');
  await Promise.all([one, two, three].map(registered));
  const { address, privateKey } = Wallet.createRandom();
  const owner = new Wallet(privateKey);

  // By a keystore file.
  const keystore = join(directory, 'owner.json');
  const passphraseFile = join(directory, 'owner.pass');
  const withFiles = ['--wallet-keystore', keystore, '--wallet-passphrase-file', passphraseFile];
  expect(await claim(one, ...withFiles)).toEqual(
    refused(2, `--wallet-passphrase-file: ${passphraseFile} cannot be read: ENOENT`),
  );
  await writeFile(
    keystore,
    await encryptKeystoreJson({ address, privateKey }, 'a long passphrase', { scrypt: { N: 4096 } }),
  );
  await writeFile(passphraseFile, 'another passphrase\n');
  expect(await claim(one, ...withFiles)).toEqual(refused(1, '[PASSPHRASE_WRONG]'));
  await writeFile(passphraseFile, 'a long passphrase\n');
  const byKeystore = await claimByBinary(one, ...withFiles);
  expect(byKeystore.stderr).toContain(`Signing as ${address}`);
  expect(byKeystore).toMatchObject({ code: 0, stdout: expect.stringContaining(short(address)) as string });
  expect(await claimedStatus(one)).toContain(`active, claimed by ${short(address)}`);
  expect(await claim(one, '--email', 'another@example.org')).toEqual(refused(6, '[ALREADY_BOUND]'));

  // By a signature made elsewhere over the text that was printed.
  expect(await claim(two, '--wallet', 'nonsense')).toEqual(refused(2, '--wallet must be an address'));
  expect(await claim(two)).toEqual(refused(2, '--wallet, --wallet-keystore or --email'));
  const printed = await claimByBinary(two, '--wallet', address);
  const binding = /--binding ([0-9A-Z]{26})/.exec(printed.stderr)?.[1] ?? '';
  const signature = await owner.signMessage(printed.stdout.slice(0, -1));
  const stranger = await Wallet.createRandom().signMessage(printed.stdout.slice(0, -1));
  const finish = (id: string, proof: string) => ['--binding', id, '--signature', proof];
  expect(await claim(three, ...finish(binding, signature))).toEqual(refused(1, '[UNKNOWN_BINDING]'));
  expect(await claim(two, ...finish('01ARZ3NDEKTSV4RRFFQ69G5FAV', signature))).toEqual(
    refused(1, 'no such binding under way. Start again. [UNKNOWN_BINDING]'),
  );
  expect(await claim(two, ...finish('abc', 'abc'))).toEqual(
    refused(2, '--binding must be the id that was printed: 26 letters and digits; --signature must be 0x'),
  );
  expect(await claim(two, '--binding', binding)).toEqual(refused(2, '--signature (wallet) or --code'));
  expect(await claim(two, ...finish(binding, stranger))).toEqual(refused(6, '[PROOF_REFUSED]'));
  const asJson = await claim(two, '--json', '--binding', binding, '--code', '12345678');
  expect(asJson.code).toBe(6);
  expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'PROOF_REFUSED', retryable: false } });
  expect(await claimByBinary(two, ...finish(binding, signature))).toMatchObject({ code: 0, stderr: '' });
  expect(await claimedStatus(two)).toContain(`active, claimed by ${short(address)}`);

  // By a code in a mail.
  expect(await claim(three, '--email', 'nobody')).toEqual(refused(2, '--email must be an e-mail address'));
  const begun = await claimByBinary(three, '--email', 'Owner.Name@example.org', '--json');
  const mailed = (JSON.parse(begun.stdout) as Offer).binding;
  const code = await mailedCode(directory);
  const other = code === '00000000' ? '00000001' : '00000000';
  expect(await claim(three, '--binding', mailed, '--code', 'x')).toEqual(refused(2, '--code must be the 8'));
  expect(await claim(three, '--binding', mailed, '--code', other)).toEqual(
    refused(6, 'this is not the code of the mail. Check the newest mail; 4 tries are left. [PROOF_REFUSED]'),
  );
  expect(await claimByBinary(three, '--binding', mailed, '--code', code)).toMatchObject({ code: 0 });
  expect(await claimedStatus(three)).toContain('active, claimed by o***@example.org');
});

test('a claim without a node, or with a network that is down, says which of the two is missing', async () => {
  const directory = await temporaryDirectory();
  const dataDir = join(directory, 'node');
  const wallet = ['--wallet', Wallet.createRandom().address];
  expect(await runHere(['claim', '--data-dir', dataDir, ...wallet])).toEqual(
    refused(2, 'this node has not registered with any network yet'),
  );
  expect(
    await runHere(['claim', '--data-dir', dataDir, '--network-url', 'http://127.0.0.1:9', ...wallet]),
  ).toEqual(refused(1, '[IDENTITY_MISSING]'));
  await runHere(['init', '--data-dir', dataDir]);
  expect(
    await runHere(['claim', '--data-dir', dataDir, '--network-url', 'http://127.0.0.1:9', ...wallet]),
  ).toEqual(refused(75, '[NETWORK_UNREACHABLE]'));
});

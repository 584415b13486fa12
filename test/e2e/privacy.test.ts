// What people write and are answered is theirs: after every kind of job, nothing of it is in anything that is written
// down but the journal of what is still owed.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { openJobJournal } from '../../src/adapters/journal/lmdb-journal.js';
import { networkPaths } from '../../src/network/main/network-paths.js';
import { type RunningNode, runHere, temporaryDirectory, until } from './processes.js';
import { startWholeSystem } from './whole-system.js';

const PASSPHRASE = 'canary-passphrase-Zw81';
const EMAIL = 'canary.owner.Qx72';

/** Files below a directory, the named folders left out. */
const filesBelow = async (root: string, without: (path: string) => boolean): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !without(relative(root, path)));
};

const claimByMail = async (node: RunningNode, outbox: string, passphraseFile: string): Promise<void> => {
  const place = ['--data-dir', node.dataDir];
  const config = join(node.dataDir, '..', 'claim.yaml');
  await writeFile(config, `passphraseFile: ${passphraseFile}\n`);
  const begun = await runHere([
    'claim',
    ...place,
    '--config',
    config,
    '--email',
    `${EMAIL}@example.org`,
    '--json',
  ]);
  expect(begun.stderr).toBe('');
  const [mail = ''] = await until(
    'the code is mailed',
    async () => (await readdir(outbox)).filter((name) => name.endsWith('.eml')),
    (names) => names.length > 0,
  );
  const text = await readFile(join(outbox, mail), 'utf8');
  const code = /\b\d{8}\b/.exec(text.slice(text.indexOf('\r\n\r\n')))?.[0] ?? '';
  const { binding } = JSON.parse(begun.stdout) as { binding: string };
  const ended = await runHere(['claim', ...place, '--config', config, '--binding', binding, '--code', code]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
};

test('no prompt, output, e-mail address or passphrase is in a log, a report, a status or a file', async () => {
  const secrets = await temporaryDirectory();
  const passphraseFile = join(secrets, 'passphrase');
  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  const { directory, network, node, client } = await startWholeSystem({
    networkFlags: ['--log-level', 'debug'],
    // Slow enough that a stream has spoken before it breaks: then nobody tries again.
    tokensPerSecond: 200,
    engine: ['--allow-prompt-faults', '--log-level', 'debug'],
    more: ['--passphrase-file', passphraseFile],
    claim: (claimed) =>
      claimByMail(claimed, networkPaths(join(claimed.dataDir, '..', 'network')).outbox, passphraseFile),
  });
  const paths = networkPaths(join(directory, 'network'));

  const messages = (canary: string) => [
    { role: 'system' as const, content: `canary-system-${canary}` },
    { role: 'user' as const, content: `canary-prompt-${canary}` },
  ];
  const chat = { model: 'demo-chat', max_tokens: 24, user: 'canary-user', stop: ['canary-stop'] };
  const plain = await client.chat.completions.create({ ...chat, messages: messages('plain') });
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({
    ...chat,
    messages: messages('stream'),
    stream: true,
  })) {
    streamed += chunk.choices[0]?.delta.content ?? '';
  }
  const completion = await client.completions.create({
    model: 'demo-chat',
    prompt: 'canary-text',
    max_tokens: 24,
  });
  await client.embeddings.create({ model: 'demo-embed', input: ['canary-input-one', 'canary-input-two'] });
  // Refused by the network, refused by the engine, cut by the engine: each on a path of its own through the logs.
  const failing = [
    { ...chat, messages: messages('bad'), temperature: 99 },
    { ...chat, messages: messages('long '.repeat(9_000)) },
    {
      ...chat,
      messages: [{ role: 'user' as const, content: 'canary-fault [[fault:malformed@8]]' }],
      stream: true as const,
    },
    { ...chat, model: 'canary-model', messages: messages('model') },
  ];
  for (const request of failing) {
    await expect(
      (async () => {
        const answer = await client.chat.completions.create(request);
        if (Symbol.asyncIterator in answer) for await (const _chunk of answer);
      })(),
    ).rejects.toThrow();
  }
  const outputs = [plain.choices[0]?.message.content ?? '', streamed, completion.choices[0]?.text ?? ''];
  for (const output of outputs) expect(output.length).toBeGreaterThan(40);

  await until(
    'every job is acknowledged',
    () => node.control.status(),
    ({ jobs }) => jobs.running === 0 && jobs.outbox === 0,
  );
  const sent = await runHere(['report', '--wait', '--data-dir', node.dataDir]);
  expect(sent).toMatchObject({ code: 0 });
  const [attempt] = await node.control.jobs(1);
  const status = await runHere(['status', '--data-dir', node.dataDir]);
  const statusJson = await runHere(['status', '--data-dir', node.dataDir, '--json']);
  const jobs = await runHere(['jobs', '--data-dir', node.dataDir, '--limit', '100']);
  const jobsJson = await runHere(['jobs', '--data-dir', node.dataDir, '--json']);
  const history = await node.control.jobs(100);
  const outcomes = new Set(history.map(({ outcome }) => outcome));
  expect(outcomes).toEqual(new Set(['completed', 'runtime_rejected', 'output_malformed']));
  expect(await node.kill('SIGTERM')).toBe(0);

  const uploaded = await filesBelow(paths.reports, () => false);
  const kept = await filesBelow(node.dataDir, (path) => /^networks\/[^/]+\/jobs\//.test(path));
  const written = new Map<string, string>([
    ['stdout of the node', node.output.stdout],
    ['stderr of the node', node.output.stderr],
    ['stdout of the network', network.output.stdout],
    ['stderr of the network', network.output.stderr],
    ['status', status.stdout + statusJson.stdout],
    ['jobs', jobs.stdout + jobsJson.stdout],
  ]);
  for (const file of [...uploaded, ...kept]) written.set(file, await readFile(file, 'latin1'));
  // What is searched holds what it must: the reports tell of the jobs, and the logs are at their most talkative.
  expect(uploaded.map((file) => written.get(file)).join('')).toContain(attempt?.job);
  expect(network.output.stderr).toContain('"level":20');
  expect(node.output.stdout).toContain('"level":"debug"');

  // The beginning of an output: whole answers would hide a log that cuts them.
  const canaries = ['canary', PASSPHRASE, EMAIL, ...outputs.map((output) => output.slice(4, 36))];
  const found = canaries.flatMap((canary) =>
    [...written].filter(([, text]) => text.includes(canary)).map(([place]) => `${canary} in ${place}`),
  );
  expect(found).toEqual([]);

  // The journal keeps what happened, not what was said. (Pages LMDB has freed may hold old bytes until they are reused.)
  const journal = await openJobJournal(join(node.dataDir, 'networks', 'devnet', 'jobs'));
  try {
    const ended = history.filter(({ state }) => state === 'acknowledged');
    expect(ended.length).toBeGreaterThanOrEqual(5);
    for (const key of ended) {
      expect(journal.find(key)?.offer.request).toEqual({});
      expect(journal.output(key)).toBeUndefined();
    }
    expect(JSON.stringify(journal.recent(1_000))).not.toContain('canary');
  } finally {
    await journal.close();
  }
});

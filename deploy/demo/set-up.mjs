#!/usr/bin/env node
// The demo's first steps, as an operator and an owner would take them: publishes a configuration whose Runtime is this
// very image, opens an account with an API key, claims the node, waits until it serves. Safe to run again.
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { draftFor } from './draft.mjs';
import { imageOfThisContainer } from './own-image.mjs';

const LOOK_EVERY_MS = 500;
const WITHIN_MS = 120_000;
const ACCOUNT = 'demo';
const OWNER = 'owner@demo.example';
/** Without a mail server the network leaves its mails here. */
const OUTBOX = join(process.env.RESULTITY_NETWORK_DATA_DIR, 'outbox');

const run = promisify(execFile);
const say = (text) => process.stdout.write(`${text}\n`);

/** What a command of the program answers. */
const ask = async (...words) => JSON.parse((await run('resultity-node', [...words, '--json'])).stdout);

/** @param look tells what was waited for, or undefined for not yet */
const until = async (what, look) => {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
};

const publish = async () => {
  const image = await imageOfThisContainer();
  const { config } = await ask('network', 'config', 'show');
  if (config?.snapshot.runtimes[0]?.image === image) return;
  const file = '/tmp/draft.json';
  await writeFile(file, JSON.stringify(draftFor(image)));
  const { version } = await ask('network', 'config', 'publish', file);
  say(`published   configuration ${version}: the simulator of ${image.slice(0, 19)}…`);
};

const openAccount = async () => {
  const { accounts } = await ask('network', 'accounts', 'list');
  const { namespaces } =
    accounts.find(({ name }) => name === ACCOUNT) ?? (await ask('network', 'accounts', 'create', ACCOUNT));
  const { namespace } = namespaces[0];
  await ask('network', 'deposit', namespace, '1');
  return (await ask('network', 'keys', 'create', namespace)).secret;
};

/** A daemon that does not answer yet is no failure. */
const nodeStatus = () => ask('status').catch(() => undefined);

const mails = async () => (await readdir(OUTBOX).catch(() => [])).filter((name) => name.endsWith('.eml'));

/** @param known mails that were there before */
const mailedCode = async (known) => {
  const mail = (await mails()).find((name) => !known.includes(name));
  return mail === undefined ? undefined : /\b\d{8}\b/.exec(await readFile(join(OUTBOX, mail), 'utf8'))?.[0];
};

const claim = async () => {
  const status = await until('the node is connected', async () => {
    const found = await nodeStatus();
    return found?.network.connected ? found : undefined;
  });
  if (status.network.account !== null) return;
  const known = await mails();
  const { binding } = await ask('claim', '--email', OWNER);
  const code = await until('the network sends a code', () => mailedCode(known));
  await ask('claim', '--binding', binding, '--code', code);
  say(`claimed     node ${status.nodeId} for ${OWNER}`);
};

await publish();
const key = await openAccount();
await claim();
const { models } = await until('the node is ready for jobs', async () => {
  const found = await nodeStatus();
  return found?.idleReason === null && found.runtime.state === 'ready' ? found : undefined;
});
say(`ready       the node serves ${models.map(({ id }) => id).join(', ')}`);
say(`Base URL    http://127.0.0.1:${process.env.DEMO_PORT}/v1`);
say(`API key     ${key}`);
// Inside, the page is on another port than the one it is published on.
const page = new URL((await ask('network', 'page')).url);
page.port = process.env.DEMO_PAGE_PORT;
say(`Page        ${page}`);

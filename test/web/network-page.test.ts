// The network's page in a real browser, on a real network with a real node behind it: what it shows is what the network
// says, and what it does is done.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkPaths } from '../../src/network/main/network-paths.js';
import { readPageToken } from '../../src/pages/page-token.js';
import { type RunningNetwork, sharedRig, startNetworkProcess, temporaryDirectory } from '../e2e/processes.js';
import { startWholeSystem, type WholeSystem } from '../e2e/whole-system.js';
import { expectNoSidewaysScroll, openBrowser, openPage, takeShot, type WatchedPage } from './browser.js';
import { expectAccessible } from './expect-accessible.js';

/** Slow enough to be stopped in the middle of an answer. */
const TOKENS_PER_SECOND = 60;
const VIEWS = ['Nodes', 'Jobs', 'Ledger', 'Configuration', 'Playground'] as const;

/** What Chromium itself writes where the network refuses something, which the page then shows. */
const REFUSAL = /^Failed to load resource: .* status of 422 /;

let system: WholeSystem;
let browser: Browser;
let link: string;
let cleanUp: () => Promise<void>;

const linkOf = async (network: RunningNetwork, directory: string): Promise<string> => {
  const { url } = await network.admin.call('page.show', {});
  return `${url}#token=${await readPageToken(networkPaths(join(directory, 'network')).pageToken)}`;
};

beforeAll(async () => {
  ({ rig: system, cleanUp } = await sharedRig(() =>
    startWholeSystem({ tokensPerSecond: TOKENS_PER_SECOND, more: ['--label', 'cellar'] }),
  ));
  link = await linkOf(system.network, system.directory);
  browser = await openBrowser();
  await system.client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 8,
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await cleanUp?.();
});

const view = async (page: Page, name: (typeof VIEWS)[number]): Promise<void> => {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true }).click();
  await page.locator('main .card').first().waitFor();
};

/** Opens the page, does the work, and fails if the page asked for anything elsewhere or complained. */
const onPage = async (work: (page: Page) => Promise<void>, options = {}): Promise<void> => {
  const watched: WatchedPage = await openPage(browser, link, options);
  try {
    await watched.page.getByRole('heading', { name: 'Nodes' }).waitFor();
    await work(watched.page);
    expect([watched.strays, watched.complaints.filter((text) => !REFUSAL.test(text))]).toEqual([[], []]);
  } finally {
    await watched.close();
  }
};

const confirm = async (page: Page, button: string): Promise<void> => {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
};

test.each([
  ['light', 360],
  ['dark', 360],
  ['light', 1280],
  ['dark', 1280],
  ['light', 3840],
] as const)(
  'every view is readable in %s at %i px, by whoever reads it',
  async (colours, width) => {
    await onPage(
      async (page) => {
        expect(page.url()).not.toContain('token'); // taken out of the address at once
        for (const name of VIEWS) {
          await view(page, name);
          if (name !== 'Playground') await page.locator('main tbody tr').first().waitFor();
          await expectNoSidewaysScroll(page);
          if (width < 3840) await expectAccessible(page);
          await takeShot(page, `network-${name.toLowerCase()}-${colours}-${width}`, true);
        }
      },
      { colours, width, height: width === 3840 ? 2160 : 800 },
    );
  },
  120_000,
);

test('shows of the node what the network says of it', async () => {
  await onPage(async (page) => {
    const [node] = (await system.network.admin.call('nodes', {})).nodes;
    const row = page.getByRole('row', { name: /cellar/ });
    expect(await row.getByRole('rowheader').textContent()).toBe('cellar');
    expect(await row.textContent()).toMatch(/^cellarin rotation2 of 2 active0 \/ 41/);
    const details = page.getByRole('region', { name: 'cellar' });
    for (const fact of [
      node?.node ?? 'none',
      'bound by wallet',
      node?.agent_version ?? 'none',
      'ready',
      'simulator',
    ]) {
      await expect.poll(() => details.textContent()).toContain(fact);
    }
  });
});

test('orders the node to drain, and lifts the order again', async () => {
  await onPage(async (page) => {
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByLabel('Note').fill('new release');
    await confirm(page, 'Drain');
    await page.getByText('out of rotation').first().waitFor();
    await page.getByText('Ordered to drain by the network, until it is lifted: “new release”').waitFor();
    expect((await system.node.control.status()).stage).toBe('draining');
    await page.getByRole('button', { name: 'Resume' }).click();
    await confirm(page, 'Resume');
    await page.getByText('in rotation', { exact: true }).first().waitFor();
  });
}, 60_000);

test('a chat is a job of a real node, and its key ends when it is revoked', async () => {
  await onPage(async (page) => {
    await view(page, 'Playground');
    await page.getByRole('button', { name: 'Make a key for this page' }).click();
    await page.getByText('is in use').waitFor();
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('demo-chat');
    await page.getByLabel('Your message').fill('Why is the sky blue?');
    await page.getByLabel('Your message').press('Enter');
    const answer = page.getByRole('article', { name: 'Model' });
    await answer.getByText(/took/).waitFor();
    expect((await answer.locator('.turn-text').textContent())?.length).toBeGreaterThan(20);
    await takeShot(page, 'network-chat', true);
    const job = await answer.getByRole('link').getAttribute('title');
    const { jobs } = await system.network.admin.call('jobs', { job: job ?? '' });
    expect(jobs).toMatchObject([{ state: 'completed', mode: 'stream', namespace: system.namespace }]);
    await answer.getByRole('link').click();
    await page.getByText(jobs[0]?.receipt_digest ?? 'no receipt').waitFor();
    await takeShot(page, 'network-job', true);
    await view(page, 'Playground');
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByRole('button', { name: 'Make a key for this page' }).waitFor();
    const { keys } = await system.network.admin.call('keys.list', {});
    expect(keys.at(-1)).toMatchObject({ namespace: system.namespace, revoked_ms: expect.any(Number) });
  });
}, 60_000);

test('an answer that is stopped is a job that is cancelled', async () => {
  await onPage(async (page) => {
    await view(page, 'Playground');
    await page.getByLabel('Or use one you have').fill(system.apiKey);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('A key that was pasted').waitFor();
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('demo-chat');
    await page.getByLabel('Your message').fill('Tell me everything there is to tell.');
    await page.getByRole('button', { name: 'Send' }).click();
    const answer = page.getByRole('article', { name: 'Model' });
    await answer.getByText(/first token after/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await answer.getByText('stopped').waitFor();
    const job = (await answer.getByRole('link').getAttribute('title')) ?? '';
    await expect
      .poll(async () => (await system.network.admin.call('jobs', { job })).jobs[0]?.state)
      .toBe('cancelled');
  });
}, 60_000);

test('a draft is judged, compared, published, and followed by the node', async () => {
  await onPage(async (page) => {
    await view(page, 'Configuration');
    await page.getByRole('button', { name: 'Start from version 1' }).click();
    const draft = page.getByLabel('Configuration, YAML or JSON');
    await page.getByText('It is fit to be published, and changes nothing.').waitFor();
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    const text = await draft.inputValue();
    await draft.fill(`${text}surprise: 1\n`);
    await page.getByText('there is no such field').waitFor();
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    await draft.fill(text.replace(/max_output_tokens: \d+/, 'max_output_tokens: 777'));
    const change = page.getByRole('list', { name: 'What changes in version 1' }).getByRole('listitem');
    await change.waitFor();
    expect(await change.textContent()).toBe('jobs.max_output_tokens2048777');
    await takeShot(page, 'network-draft', true);
    await page.getByRole('button', { name: 'Publish' }).click();
    await expectAccessible(page);
    await confirm(page, 'Sign and publish');
    await page.getByText('at most 777 tokens').waitFor();
    await page.getByText('1 of 1 connected node').waitFor();
    const [node] = (await system.network.admin.call('nodes', {})).nodes;
    expect(node?.session?.config?.version).toBe(2);
    await expect.poll(async () => (await system.node.control.status()).config?.version).toBe(2);
  });
}, 60_000);

test('an account gets credits and a key, which is shown once', async () => {
  await onPage(async (page) => {
    await view(page, 'Ledger');
    await page.getByRole('button', { name: 'New account' }).click();
    await page.getByLabel('Name').fill('Not a name');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('alert').getByText('ACCOUNT_NAME').waitFor();
    await page.getByLabel('Name').fill('acme');
    await confirm(page, 'Create');
    await page.getByRole('button', { name: 'Deposit for acme/default' }).click();
    await page
      .getByRole('spinbutton')
      .or(page.getByRole('textbox', { name: 'Credits' }))
      .fill('2.5');
    await confirm(page, 'Deposit');
    await page.getByText('acme/default has 2.5 credits available.').waitFor();
    const { accounts } = await system.network.admin.call('accounts.list', {});
    expect(accounts.at(-1)).toMatchObject({ name: 'acme', namespaces: [{ available: '2500000' }] });
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('combobox', { name: 'Namespace' }).selectOption('acme/default');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    const shown = page.getByRole('dialog', { name: 'The new API key' });
    const secret = (await shown.locator('code').textContent()) ?? '';
    await shown.getByRole('button', { name: 'I have it' }).click();
    await shown.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(secret);
    const models = await fetch(`${system.network.url}/v1/models`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(models.status).toBe(200);
  });
}, 60_000);

test('a wrong token is told, and no token is asked for', async () => {
  const { page, close } = await openPage(browser, link.replace(/token=.*/, `token=${'x'.repeat(43)}`));
  await page.getByText('The network refused this token.').waitFor();
  await page.getByLabel('Token or address').fill(link);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('heading', { name: 'Nodes' }).waitFor();
  await close();
});

test('says when the network is gone, and goes on when it is back', async () => {
  const { rig, cleanUp: end } = await sharedRig(async () => {
    const directory = await temporaryDirectory();
    return { directory, network: await startNetworkProcess(directory) };
  });
  try {
    const { page, close } = await openPage(browser, await linkOf(rig.network, rig.directory));
    await page.getByText('No node has registered yet.').waitFor();
    await rig.network.kill('SIGKILL');
    await page.getByRole('alert').getByText('The network does not answer.').waitFor();
    await expectAccessible(page);
    await takeShot(page, 'network-gone');
    const port = new URL(page.url()).port;
    await startNetworkProcess(rig.directory, 0, ['--page-port', port]);
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    await close();
  } finally {
    await end();
  }
}, 60_000);

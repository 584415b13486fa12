// The console's page in a real browser, against a real node.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedRig, until } from '../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../e2e/whole-system.js';
import { expectNoSidewaysScroll, openBrowser, openPage, takeShot, type WatchedPage } from './browser.js';
import { expectAccessible } from './expect-accessible.js';
import { type LiveConsole, startLiveConsole } from './live-console.js';

let browser: Browser;
let live: LiveConsole;
let end: () => Promise<void>;
let jobs: readonly string[];

const JOBS = 6;

beforeAll(async () => {
  browser = await openBrowser();
  const shared = await sharedRig(() => startLiveConsole({ tokensPerSecond: 200 }));
  live = shared.rig;
  end = shared.cleanUp;
  for (let count = 0; count < JOBS; count++) {
    const answer = await live.client.chat.completions.create({
      model: 'demo-chat',
      messages: [{ role: 'user', content: `Say ${count}.` }],
      max_tokens: 24,
      stream: true,
    });
    for await (const _chunk of answer);
  }
  jobs = (await untilAcknowledged(live.node)).map(({ job }) => job);
});

afterAll(async () => {
  await browser?.close();
  await end?.();
});

const expectClean = ({ strays, complaints }: WatchedPage): void => {
  expect(strays).toEqual([]);
  expect(complaints).toEqual([]);
};

const fact = (page: Page, name: string): Promise<string> =>
  page
    .locator(`[data-fact="${name}"]`)
    .textContent()
    .then((text) => text ?? '');

const openView = async (page: Page, title: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
};

const VIEWS = ['Overview', 'Inspector', 'Jobs', 'Logs'];
const SIZES = [
  { width: 360, height: 780 },
  { width: 1280, height: 860 },
  { width: 3840, height: 2160 },
];

describe.each(['light', 'dark'] as const)('in %s colours', (colours) => {
  test.each(SIZES)('every view is whole and accessible at $width px', async ({ width, height }) => {
    const opened = await openPage(browser, live.url, { width, height, colours });
    const { page } = opened;
    await page.locator('[data-fact="stage"]').waitFor();
    for (const view of VIEWS) {
      await openView(page, view);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await takeShot(page, `${view.toLowerCase()}-${width}-${colours}`, view === 'Overview' && width < 3840);
    }
    expectClean(opened);
    await opened.close();
  });
});

test('the overview says what /api/status says', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  await page.locator('[data-fact="stage"]').waitFor();
  const token = new URL(live.url).hash.slice('#token='.length);
  const response = await fetch(new URL('/api/status', live.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  const status = (await response.json()) as Awaited<ReturnType<LiveConsole['node']['control']['status']>>;
  expect(await fact(page, 'stage')).toBe(status.stage);
  expect(await fact(page, 'node')).toBe(status.nodeId);
  expect(await fact(page, 'config')).toBe(status.config?.digest);
  expect(Date.now() - (status.config?.issuedMs ?? 0)).toBeLessThan(600_000);
  expect(await fact(page, 'runtime')).toBe(status.runtime.state);
  expect(await fact(page, 'running')).toBe(String(status.jobs.running));
  expect(await fact(page, 'outbox')).toBe(String(status.jobs.outbox));
  const models = page.getByRole('table', { name: 'Models of the configuration' });
  for (const { id, state } of status.models) {
    await models.getByRole('row', { name: id }).getByText(state, { exact: true }).waitFor();
  }
  expectClean(opened);
  await opened.close();
});

test('the jobs are those of the journal, each with its states and their durations', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  await page.locator('[data-fact="stage"]').waitFor();
  await openView(page, 'Jobs');
  const job = jobs[0] ?? '';
  await page.getByLabel('Job, model or network').fill(job);
  await page.getByText('1 attempt', { exact: true }).waitFor();
  await page.locator('summary').click();
  const states = await page.getByRole('list', { name: 'States' }).getByRole('listitem').allTextContents();
  expect(states.join('\n')).toMatch(/executing\.running.*signing.*delivering/s);
  await page.getByText(job, { exact: true }).waitFor();
  expect(page.url()).toContain(`text=${job}`);
  await page.getByLabel('Job, model or network').fill('');
  await page.getByLabel('Outcome').selectOption('completed');
  await page.getByText(`${JOBS} attempts`, { exact: true }).waitFor();
  expectClean(opened);
  await opened.close();
});

test('the log follows the node, and is filtered by level, text and component', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  await page.locator('[data-fact="stage"]').waitFor();
  await openView(page, 'Logs');
  const lines = page.locator('.log-line');
  await lines.first().waitFor();
  await page.getByLabel('Level, at least').selectOption('info');
  await expect.poll(() => page.locator('.log-level').allTextContents()).not.toContain('debug');
  await page.getByLabel('Text').fill('no line says this');
  await page.getByText('No line is like that').waitFor();
  await page.getByLabel('Text').fill('');
  const component = (await page.getByLabel('Component').locator('option').allTextContents())[1] ?? '';
  await page.getByLabel('Component').selectOption(component);
  await expect
    .poll(async () => new Set(await page.locator('.log-component').allTextContents()))
    .toEqual(new Set([component]));
  expectClean(opened);
  await opened.close();
});

test('the owner drains, resumes and pauses the node from the page', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  const order = async (verb: string, fill: () => Promise<void> = async () => undefined): Promise<void> => {
    await page.getByRole('button', { name: verb, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await fill();
    await dialog.getByRole('button', { name: verb, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await order('Drain', async () => {
    await page.getByLabel('For how long').selectOption({ label: '1 hour' });
    await page.getByLabel('Note').fill('moving the rack');
  });
  const drained = await live.node.control.status();
  expect(drained.order).toMatchObject({ kind: 'drain', by: 'owner', note: 'moving the rack' });
  expect((drained.order?.untilMs ?? 0) - (drained.order?.sinceMs ?? 0)).toBeGreaterThan(3_500_000);
  await expect.poll(() => fact(page, 'why')).toContain('moving the rack');
  expect(await fact(page, 'stage')).toBe('draining');

  await order('Resume');
  expect((await live.node.control.status()).order ?? null).toBeNull();

  await page.getByRole('button', { name: 'Drain', exact: true }).waitFor();
  await order('Pause');
  await until(
    'the GPU is free',
    () => live.node.control.status(),
    ({ order: held }) => held?.freed === true,
  );
  await expect.poll(() => fact(page, 'why')).toContain('the GPU is free');
  await takeShot(page, 'paused-1280-light');
  await order('Resume');
  await untilReady(live.node);
  await expect.poll(() => fact(page, 'why')).toBe('Nothing stands in the way of jobs.');
  expectClean(opened);
  await opened.close();
});

test('a model is tested again and the log is sent when the owner says so', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  const confirm = async (button: string, answer: string): Promise<void> => {
    await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('region', { name: 'Messages' }).getByText(answer).waitFor();
  };
  await page.getByRole('button', { name: 'Test again demo-embed' }).click();
  await confirm('Test again', 'demo-embed is tested again.');
  await untilReady(live.node);
  const before = (await live.node.control.status()).reports.delivered;
  await page.getByRole('button', { name: 'Send now' }).click();
  await confirm('Send', 'on the way');
  await until(
    'the report is delivered',
    () => live.node.control.status(),
    ({ reports }) => reports.delivered > before,
  );
  expectClean(opened);
  await opened.close();
});

describe('the token', () => {
  test('is taken out of the address, outlives a reload and not the tab', async () => {
    const opened = await openPage(browser, live.url);
    const { page } = opened;
    await page.locator('[data-fact="stage"]').waitFor();
    expect(page.url()).not.toContain('token');
    await page.reload();
    await page.locator('[data-fact="stage"]').waitFor();
    const other = await page.context().newPage();
    await other.goto(new URL('/', live.url).href);
    await other.getByRole('heading', { name: 'Open this node’s console' }).waitFor();
    expectClean(opened);
    await opened.close();
  });

  test('is asked for where it is missing or wrong, and the form says which', async () => {
    const opened = await openPage(browser, live.url.replace(/#token=.*/, `#token=${'x'.repeat(43)}`));
    const { page } = opened;
    await page.getByRole('alert').getByText('The node refused this token.').waitFor();
    await expectAccessible(page);
    await takeShot(page, 'token-refused-1280-light');
    await page.getByLabel('Token or address').fill('not a token');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').getByText('This is not a token.').waitFor();
    await page.getByLabel('Token or address').fill(live.url);
    await page.keyboard.press('Enter');
    await page.locator('[data-fact="stage"]').waitFor();
    expect(opened.strays).toEqual([]);
    await opened.close();
  });
});

test('everything is reached by the keyboard alone', async () => {
  const opened = await openPage(browser, live.url);
  const { page } = opened;
  await page.locator('[data-fact="stage"]').waitFor();
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  /** Presses Tab until it is there. */
  const reach = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if ((await focused()).trim() === name) return;
    }
    throw new Error(`60 times Tab do not lead to "${name}"; the focus is on "${await focused()}"`);
  };
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

  await reach('Drain');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused()).toBe('Drain');

  await page.reload();
  await page.locator('[data-fact="stage"]').waitFor();
  await reach('Jobs');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Jobs' }).waitFor();
  await page.locator('summary').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'States' }).first().waitFor();

  await page.reload();
  await page.locator('summary').first().waitFor();
  await reach('Logs');
  await page.keyboard.press('Enter');
  await reach('Log');
  await page.keyboard.press('PageUp');
  expectClean(opened);
  await opened.close();
});

test('the colours are the reader’s choice, kept in the browser', async () => {
  const opened = await openPage(browser, live.url, { colours: 'light' });
  const { page } = opened;
  await page.locator('[data-fact="stage"]').waitFor();
  const canvas = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await canvas();
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(canvas).not.toBe(light);
  const dark = await canvas();
  await page.reload();
  await page.locator('[data-fact="stage"]').waitFor();
  expect(await canvas()).toBe(dark);
  expectClean(opened);
  await opened.close();
});

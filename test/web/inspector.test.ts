// The inspector in a real browser, held against what a watcher inside the node's own process has seen.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedRig, temporaryDirectory } from '../e2e/processes.js';
import { expectNoSidewaysScroll, openBrowser, openPage, takeShot, type WatchedPage } from './browser.js';
import { expectAccessible } from './expect-accessible.js';
import { startWatchedDaemon, type WatchedActor, type WatchedDaemon } from './watched-daemon.js';

let browser: Browser;
let daemon: WatchedDaemon;
let end: () => Promise<void>;

const PATIENCE = { timeout: 20_000, interval: 50 };

beforeAll(async () => {
  browser = await openBrowser();
  const shared = await sharedRig(startWatchedDaemon);
  daemon = shared.rig;
  end = shared.cleanUp;
  await runJob(8);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await end?.();
});

const runJob = (tokens: number) =>
  daemon.client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content: 'Count.' }],
    max_tokens: tokens,
  });

/** One that runs until it is told to end, however slow the machine is. */
const beginJob = async (): Promise<{ readonly job: WatchedActor; end(): Promise<void> }> => {
  const left = new AbortController();
  const before = daemon.actors('job').length;
  const stream = await daemon.client.chat.completions.create(
    {
      model: 'demo-chat',
      messages: [{ role: 'user', content: 'Count.' }],
      max_tokens: 2_000,
      stream: true,
    },
    { signal: left.signal },
  );
  const job = await newestJob(before);
  return {
    job,
    end: async () => {
      stream.controller.abort();
      left.abort();
      await expect.poll(() => job.isLiving, PATIENCE).toBe(false);
    },
  };
};

const openInspector = async (more: Parameters<typeof openPage>[2] = {}): Promise<WatchedPage> => {
  const opened = await openPage(browser, daemon.url, more);
  await opened.page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name: 'Inspector' })
    .click();
  await opened.page.locator('svg.statechart').waitFor();
  return opened;
};

const close = async ({ strays, complaints, close: leave }: WatchedPage): Promise<void> => {
  await leave();
  expect({ strays, complaints }).toEqual({ strays: [], complaints: [] });
};

const litOn = (page: Page): Promise<string[]> =>
  page
    .locator('svg.statechart [data-id].on')
    .evaluateAll((states) => states.map((state) => state.getAttribute('data-id') ?? '').sort());

const chooseActor = async (page: Page, session: string): Promise<void> => {
  await page.locator(`[data-actor="${session}"]`).click();
};

const chooseChart = async (page: Page, machine: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Statecharts' }).getByRole('link', { name: machine }).click();
};

const newestJob = async (jobsBefore: number): Promise<WatchedActor> => {
  await expect.poll(() => daemon.actors('job').length, PATIENCE).toBeGreaterThan(jobsBefore);
  const job = daemon.actors('job').at(-1);
  if (job === undefined) throw new Error('no job has come');
  return job;
};

describe('live', () => {
  test('lights on every chart the states the node itself is in, while a job runs', async () => {
    const opened = await openInspector();
    const { page } = opened;
    const { job, end: endJob } = await beginJob();
    await expect.poll(() => job.places.at(-1), PATIENCE).toContain('job.executing.running');
    for (const actor of daemon.actors().filter(({ isLiving }) => isLiving)) {
      await chooseActor(page, actor.session);
      await expect.poll(async () => (await litOn(page)).join(), PATIENCE).toBe(actor.places.at(-1)?.join());
    }
    await chooseActor(page, job.session);
    await expect.poll(() => litOn(page), PATIENCE).toContain('job.executing.running');
    await takeShot(page, 'inspector-job-runs');
    await endJob();
    await close(opened);
  });

  test('flashes the transitions a job takes, and no others', async () => {
    const opened = await openInspector({ reducedMotion: false });
    const { page } = opened;
    await chooseChart(page, 'job');
    await page.locator('svg.statechart [data-id="job"]').waitFor();
    const flashed = await page.evaluateHandle(() => {
      const edges = new Set<string>();
      const watcher = new MutationObserver((changes) => {
        for (const { target } of changes) {
          if (target instanceof Element && target.classList.contains('flash'))
            edges.add(target.getAttribute('data-edge') ?? '');
        }
      });
      const chart = document.querySelector('svg.statechart');
      if (chart !== null)
        watcher.observe(chart, { subtree: true, attributes: true, attributeFilter: ['class'] });
      return edges;
    });
    const before = daemon.actors('job').length;
    await runJob(40);
    const job = await newestJob(before);
    await expect.poll(() => job.isLiving, PATIENCE).toBe(false);
    const drawn = await page
      .locator('svg.statechart')
      .evaluate((chart) =>
        [...chart.querySelectorAll('[data-edge]')].map((edge) => edge.getAttribute('data-edge')),
      );
    const taken = [...new Set(job.taken)].filter((edge) => drawn.includes(edge)).sort();
    expect(taken.length).toBeGreaterThan(6);
    await expect.poll(() => flashed.evaluate((edges) => [...edges].sort()), PATIENCE).toEqual(taken);
    await close(opened);
  });

  test('leads from a job that ended to the next one', async () => {
    const opened = await openInspector();
    const { page } = opened;
    const first = daemon.actors('job').at(-1);
    await chooseActor(page, first?.session ?? '');
    const { job, end: endJob } = await beginJob();
    await expect.poll(() => litOn(page), PATIENCE).toContain('job.executing.running');
    await expect
      .poll(
        () => page.locator('[role="treeitem"][aria-selected="true"]').getAttribute('data-actor'),
        PATIENCE,
      )
      .toBe(job.session);
    await endJob();
    await close(opened);
  });
});

describe('the past', () => {
  const momentOf = async (page: Page): Promise<number> =>
    Number(/#(\d+)/.exec((await page.locator('.playbar-moment').textContent()) ?? '')?.[1] ?? Number.NaN);

  const stopAt = async (page: Page, job: WatchedActor): Promise<void> => {
    await chooseActor(page, job.session);
    await page.getByRole('combobox', { name: 'Actor' }).selectOption(job.session);
    await page.getByRole('button', { name: 'Pause' }).click();
  };

  test('is walked back and on, through every place a job was in', async () => {
    const opened = await openInspector();
    const { page } = opened;
    await page.getByRole('button', { name: 'Follow' }).click();
    const before = daemon.actors('job').length;
    await runJob(8);
    const job = await newestJob(before);
    await expect.poll(() => job.isLiving, PATIENCE).toBe(false);
    await page.locator(`[data-actor="${job.session}"].actor-ended`).waitFor();
    await stopAt(page, job);
    await expect.poll(() => litOn(page), PATIENCE).toEqual(job.places.at(-1));
    await page.locator('.playbar-moment').click();
    await page.locator('body').focus();
    const places: string[][] = [];
    for (let place = await litOn(page); place.length > 0; place = await litOn(page)) {
      if (places.at(-1)?.join() !== place.join()) places.push(place);
      const moment = await momentOf(page);
      await page.keyboard.press('ArrowLeft');
      // The page draws when it can: the step is taken once it says so.
      await expect.poll(() => momentOf(page), PATIENCE).not.toBe(moment);
    }
    expect(places.reverse()).toEqual(job.places);
    const earliest = await momentOf(page);
    await page.keyboard.press('End');
    await expect.poll(() => litOn(page), PATIENCE).toEqual(job.places.at(-1));
    await page.keyboard.press('Home');
    expect(await momentOf(page)).toBeLessThanOrEqual(earliest);
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await close(opened);
  });

  test('is exported, and shown again without the node', async () => {
    const opened = await openInspector();
    const { page } = opened;
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Step back' }).click();
    const moment = await momentOf(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const file = join(await temporaryDirectory(), download.suggestedFilename());
    await download.saveAs(file);
    expect((await readFile(file, 'utf8')).split('\n')[0]).toContain('"format":"resultity.inspector"');

    const alone = await openPage(browser, `${new URL(daemon.url).origin}/#/recording`);
    await alone.page.getByLabel('Recording file').setInputFiles(file);
    await alone.page.locator('svg.statechart').waitFor();
    for (let steps = 0; steps < 500 && (await momentOf(alone.page)) > moment; steps += 1) {
      await alone.page.getByRole('button', { name: 'Step back' }).click();
    }
    expect(await momentOf(alone.page)).toBe(moment);
    const shown = async (one: Page) => ({
      actors: await one.getByRole('tree', { name: 'Actors' }).textContent(),
      messages: await one.locator('.sequence-lines').textContent(),
      details: await one.locator('.details').textContent(),
      lit: await litOn(one),
    });
    expect(await shown(alone.page)).toEqual(await shown(page));
    await takeShot(alone.page, 'inspector-recording');
    await close(alone);
    await close(opened);
  });

  test('of a foreign file is refused with what to do', async () => {
    const file = join(await temporaryDirectory(), 'holiday.ndjson');
    await writeFile(file, '{"to":"the sea"}\n');
    const opened = await openPage(browser, `${new URL(daemon.url).origin}/#/recording`);
    await opened.page.getByLabel('Recording file').setInputFiles(file);
    const alert = opened.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('RECORDING_FILE_FOREIGN');
    await close(opened);
  });
});

describe('the chart', () => {
  const viewBox = (page: Page) => page.locator('svg.statechart').getAttribute('viewBox');

  test('goes to the state a link names, and frames it', async () => {
    const opened = await openInspector();
    const { page } = opened;
    await page.evaluate(() => {
      location.hash = '#/inspector/job?state=job.delivering';
    });
    const state = page.locator('svg.statechart [data-id="job.delivering"].pointed');
    await state.waitFor();
    await expect
      .poll(async () => {
        const box = await state.locator(':scope > .box').boundingBox();
        const pane = await page.locator('.chart-window').boundingBox();
        if (box === null || pane === null) return null;
        const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        return (
          Math.abs(middle.x - (pane.x + pane.width / 2)) < 2 &&
          Math.abs(middle.y - (pane.y + pane.height / 2)) < 2
        );
      }, PATIENCE)
      .toBe(true);
    await close(opened);
  });

  test('is moved by keys and by pointer', async () => {
    const opened = await openInspector();
    const { page } = opened;
    await chooseChart(page, 'runtime');
    await page.locator('svg.statechart [data-id="runtime"]').waitFor();
    const pane = page.locator('.chart-window');
    await pane.focus();
    const views = [await viewBox(page)];
    for (const key of ['ArrowRight', 'ArrowDown', '+', '+', '-', '0']) {
      await page.keyboard.press(key);
      views.push(await viewBox(page));
    }
    expect(new Set(views).size).toBe(views.length - 1); // one step closer and one back is where it was
    const box = await pane.boundingBox();
    if (box === null) throw new Error('the chart has no place');
    await page.mouse.move(box.x + 200, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y + 60, { steps: 4 });
    await page.mouse.up();
    expect(await viewBox(page)).not.toBe(views.at(-1));
    expect(await page.getByRole('button', { name: 'Follow' }).getAttribute('aria-pressed')).toBe('false');
    await close(opened);
  });
});

test('the tree of actors is walked by keys', async () => {
  const opened = await openInspector();
  const { page } = opened;
  const selected = page.locator('[role="treeitem"][aria-selected="true"]');
  await selected.focus();
  const first = await selected.getAttribute('data-actor');
  await page.keyboard.press('ArrowDown');
  const second = await selected.getAttribute('data-actor');
  expect(second).not.toBe(first);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-actor'))).toBe(second);
  await page.keyboard.press('Home');
  expect(await selected.getAttribute('data-actor')).toBe(first);
  await close(opened);
});

const SIZES = [
  { width: 360, height: 780 },
  { width: 1280, height: 860 },
  { width: 3840, height: 2160 },
];

describe.each(['light', 'dark'] as const)('in %s colours', (colours) => {
  test.each(SIZES)('is whole and accessible at $width px', async ({ width, height }) => {
    const opened = await openInspector({ width, height, colours });
    const { page } = opened;
    await expect.poll(() => litOn(page), PATIENCE).toContain('node.operating');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await takeShot(page, `inspector-${width}-${colours}`, width === 360);
    await close(opened);
  });
});

// What the tests of the pages rely on: a fault that is planted is found.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNoSidewaysScroll, openBrowser, openPage } from './browser.js';
import { expectAccessible, graveFaults } from './expect-accessible.js';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser?.close());

const pageOf = (body: string) =>
  openPage(
    browser,
    `data:text/html,${encodeURIComponent(`<!doctype html><html lang="en"><title>x</title>${body}`)}`,
    {
      width: 360,
    },
  );

test('a page without fault passes', async () => {
  const { page, strays, complaints, close } = await pageOf('<main><h1>Fine</h1><button>Go</button></main>');
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  expect([strays, complaints]).toEqual([[], []]);
  await close();
});

test('what is not accessible is named, with its place', async () => {
  const { page, close } = await pageOf(
    '<main><h1 style="color:#999;background:#fff">Pale</h1><input></main>',
  );
  const faults = await graveFaults(page);
  expect(faults.map(({ id, where }) => [id, where.map(([selector]) => selector)])).toEqual([
    ['color-contrast', ['h1']],
    ['label', ['input']],
  ]);
  await expect(expectAccessible(page)).rejects.toThrow();
  await close();
});

test('a page wider than its window, a request that leaves this machine and an error are noted', async () => {
  const { page, strays, complaints, close } = await pageOf(
    '<div style="width:999px">wide</div><img alt="" src="http://elsewhere.invalid/x.png"><script>console.error("oh")</script>',
  );
  await expect(expectNoSidewaysScroll(page)).rejects.toThrow('to be less than or equal to 360');
  expect(strays).toEqual(['http://elsewhere.invalid/x.png']);
  expect(complaints).toContain('oh');
  await close();
});

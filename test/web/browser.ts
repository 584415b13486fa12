// A headless browser for the tests of the pages, and pages in it that keep account of what they must not do.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { findBrowser } from './find-browser.js';

const SHOTS = fileURLToPath(new URL('../../artifacts/web/', import.meta.url));

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findBrowser(),
    // Chromium has no sandbox for root, which the gate is.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

export interface PageOptions {
  /** CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly colours?: 'light' | 'dark';
  readonly reducedMotion?: boolean;
}

export interface WatchedPage {
  readonly page: Page;
  /** Addresses asked for beyond this machine. */
  readonly strays: readonly string[];
  /** Errors in the browser's console, and what the page threw. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const LOOPBACK = /^(?:https?|wss?):\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]|^(?:data|blob):/;

/** A page of its own in a session of its own: nothing is kept from one to the next. */
export const openPage = async (
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<WatchedPage> => {
  const { width = 1280, height = 800, colours = 'light', reducedMotion = true } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: colours,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const strays: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!LOOPBACK.test(request.url())) strays.push(request.url());
  });
  page.on('websocket', (socket) => {
    if (!LOOPBACK.test(socket.url())) strays.push(socket.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await page.goto(url);
  return { page, strays, complaints, close: () => context.close() };
};

/** Into artifacts/web/. @param name without its ending */
export const takeShot = async (page: Page, name: string, fullPage = false): Promise<void> => {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage });
};

/** Fails where the page is wider than its window. */
export const expectNoSidewaysScroll = async (page: Page): Promise<void> => {
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }));
  expect(scroll).toBeLessThanOrEqual(client);
};

// Where the browser of these tests comes from.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../e2e/processes.js';
import { findBrowser } from './find-browser.js';

test('the first browser in PATH is taken, and a program that cannot be run is none', async () => {
  const empty = await temporaryDirectory();
  const full = await temporaryDirectory();
  await writeFile(join(empty, 'chromium'), '');
  await writeFile(join(full, 'google-chrome'), '#!/bin/sh\n');
  await chmod(join(full, 'google-chrome'), 0o755);
  expect(findBrowser(`${empty}:${full}`)).toBe(join(full, 'google-chrome'));
});

test('a machine without one is told which package to install', () => {
  expect(() => findBrowser('/nowhere')).toThrow('apt-get install chromium');
});

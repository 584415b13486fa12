// What a browser has to load before a page is there, as the servers send it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const MOST_BYTES = 150 * 1024;

const filesOf = (page: string): readonly { path: string; text: Buffer }[] =>
  readdirSync(join(BUILT, page), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      path: join(parentPath, name),
      text: readFileSync(join(parentPath, name)),
    }));

test.each(readdirSync(BUILT))('the page %s is less than 150 kB in all, compressed', (page) => {
  const bytes = filesOf(page).reduce((sum, { text }) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test.each(readdirSync(BUILT))(
  'the page %s has no script or style in its HTML, and asks for nothing elsewhere',
  (page) => {
    const html =
      filesOf(page)
        .find(({ path }) => path.endsWith('index.html'))
        ?.text.toString() ?? '';
    expect(html).toContain('<script type="module"');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\bstyle=|\bon[a-z]+=/);
    expect(html).not.toMatch(/(?:src|href)="(?!\.\/)/);
  },
);

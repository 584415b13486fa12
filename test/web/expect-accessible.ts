// axe-core in a page. It is handed to the browser by its debugger: the page's own policy would refuse it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface GraveFault {
  readonly id: string;
  readonly help: string;
  /** Where, and what would mend it. */
  readonly where: readonly (readonly [selector: string, remedy: string | undefined])[];
}

/** What axe finds serious or critical. */
export const graveFaults = async (page: Page): Promise<readonly GraveFault[]> => {
  await page.evaluate(source);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map(({ target, failureSummary }) => [target.join(' '), failureSummary] as const),
    }));
};

/** Fails where there is any. */
export const expectAccessible = async (page: Page): Promise<void> => {
  expect(await graveFaults(page)).toEqual([]);
};

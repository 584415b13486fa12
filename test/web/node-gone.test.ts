// What the page says while its node is gone, and that it finds it again.
import { expect, test } from 'vitest';
import { atTheEnd, startNodeProcess, until } from '../e2e/processes.js';
import { openBrowser, openPage, takeShot } from './browser.js';
import { consoleUrl, startLiveConsole } from './live-console.js';

test('a node that ends is told at once, orders to it are refused with advice, and one that is back is shown again', async () => {
  const browser = await openBrowser();
  atTheEnd(() => browser.close());
  const { directory, network, node, url } = await startLiveConsole({ isUnready: true });
  const { page } = await openPage(browser, url);
  await page.locator('[data-fact="stage"]').waitFor();
  await page.getByRole('button', { name: 'Drain', exact: true }).click();
  await node.kill('SIGTERM');
  await page.getByRole('alert').getByText('The node does not answer.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click();
  const refusal = page.getByRole('dialog').getByRole('alert');
  await refusal.getByText('NODE_UNREACHABLE').waitFor();
  await refusal.getByText('resultity-node status').waitFor();
  await page.keyboard.press('Escape');
  await takeShot(page, 'gone-1280-light');

  const back = startNodeProcess(directory, network.url, { more: ['--console-port', new URL(url).port] });
  await until(
    'the node is back',
    () => consoleUrl(back),
    (again) => again === url,
  );
  await page.getByText('The node does not answer.').waitFor({ state: 'detached' });
  await page.getByText(`${(await back.control.status()).pid}`, { exact: true }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

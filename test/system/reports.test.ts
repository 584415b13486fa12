// The log on its way to the network, with both ends killed: every segment arrives once, under the id it was sealed with.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { networkPaths } from '../../src/network/main/network-paths.js';
import { type RunningNode, run, startNetworkProcess, startNodeProcess, until } from '../e2e/processes.js';
import { startWholeSystem, untilReady } from '../e2e/whole-system.js';

const HOUR_MS = 3_600_000;

const segmentsIn = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(folder)).filter((name) => /^\w{26}\.ndjson$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, at) => [name.slice(0, 26), texts[at] ?? '']));
};

const report = (node: RunningNode, ...words: string[]) =>
  run(['report', '--data-dir', node.dataDir, ...words]);

test('a log sealed while the network is gone arrives under the same ids after the node was killed as well', {
  timeout: 120_000,
}, async () => {
  const { directory, network, node } = await startWholeSystem({
    // By order only.
    amend: (draft) => ({ ...draft, reports: { ...draft.reports, interval_ms: HOUR_MS } }),
  });
  const { nodeId } = await node.control.status();
  const logs = join(node.dataDir, 'networks', 'devnet', 'logs');
  const received = join(networkPaths(join(directory, 'network')).reports, nodeId?.toLowerCase() ?? '');

  expect(await report(node, '--wait')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The network has signed for \d+ log segments?\.\n$/),
  });
  const early = await segmentsIn(received);
  expect([...early.values()].join('')).toContain('"event":"node.stage"');
  expect((await segmentsIn(logs)).size).toBe(0);

  await network.kill('SIGKILL');
  await until(
    'the link is lost',
    () => node.control.status(),
    (status) => !status.network.connected,
  );
  const offline = await report(node, '--wait', '1', '--json');
  expect(offline.code).toBe(8);
  expect(JSON.parse(offline.stderr)).toMatchObject({ error: { code: 'REPORT_NOT_DELIVERED' } });
  const status = await run(['status', '--data-dir', node.dataDir]);
  expect(status.stdout).toMatch(/^Reports .*\d+ waiting; .*\[NETWORK_UNREACHABLE\]$/m);
  await report(node);
  const sealed = await segmentsIn(logs);
  expect(sealed.size).toBeGreaterThanOrEqual(2);
  await node.kill('SIGKILL');

  await startNetworkProcess(directory, network.port);
  const again = startNodeProcess(directory, network.url);
  await untilReady(again);
  expect(await report(again, '--wait')).toMatchObject({ code: 0 });
  const arrived = await segmentsIn(received);
  for (const [id, text] of [...early, ...sealed]) expect(arrived.get(id)).toBe(text);
  const left = await segmentsIn(logs);
  for (const id of sealed.keys()) expect(left.has(id)).toBe(false);
  expect(new Set(arrived.values()).size).toBe(arrived.size);
});

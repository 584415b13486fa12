// Several networks in the settings: their order, their sources, and what is refused.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.js';
import { type ConfigSources, loadConfig } from '../../src/config.js';

const ONE = `sha256:${'1'.repeat(64)}`;
const TWO = `sha256:${'2'.repeat(64)}`;
const MAIN = 'https://main.example';
const TEST = 'https://test.example';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'networks-'));
});
afterEach(() => rm(home, { recursive: true }));

const load = ({
  flags = {},
  env = {},
  file,
}: {
  flags?: ConfigSources['flags'];
  env?: object;
  file?: string;
} = {}): ReturnType<typeof loadConfig> =>
  loadConfig({
    flags: { ...(file !== undefined && { config: file }), ...flags },
    environment: { HOME: home, ...env },
    systemFile: join(home, 'none'),
  });

const fileWith = async (text: string): Promise<string> => {
  const path = join(home, 'node.yaml');
  await writeFile(path, text);
  return path;
};

const problems = (sources: Parameters<typeof load>[0]): unknown => {
  try {
    return load(sources).config.networks;
  } catch (caught) {
    if (caught instanceof ConfigError) return caught.problems.map(({ key, problem }) => `${key}: ${problem}`);
    throw caught;
  }
};

test('the order of the settings is the owner’s, however they are given', async () => {
  const wanted = [{ url: MAIN }, { url: TEST }];
  expect(load({ flags: { networkUrl: [MAIN, TEST] } }).config.networks).toEqual(wanted);
  expect(load({ flags: { networkUrl: [`${MAIN} ${TEST}`] } }).config.networks).toEqual(wanted);
  expect(load({ env: { RESULTITY_NETWORK_URL: `${MAIN} ${TEST}` } }).config.networks).toEqual(wanted);
  expect(load({ env: { RESULTITY_NETWORK_URL: JSON.stringify([MAIN, TEST]) } }).config.networks).toEqual(
    wanted,
  );
  const file = await fileWith(
    `networks:\n  - url: wss://main.example/\n    genesis: ${ONE}\n  - url: ${TEST}\n`,
  );
  expect(load({ file }).config.networks).toEqual([{ url: MAIN, genesis: ONE }, { url: TEST }]);
  expect(Object.isFrozen(load({ file }).config.networks)).toBe(true);
});

test('one genesis for each network, in their order', () => {
  const flags = { networkUrl: [MAIN, TEST], networkGenesis: [ONE, TWO] };
  expect(load({ flags }).config.networks).toEqual([
    { url: MAIN, genesis: ONE },
    { url: TEST, genesis: TWO },
  ]);
  const lost = ['networkGenesis: does not tell which network it belongs to'];
  expect(problems({ flags: { ...flags, networkGenesis: [ONE] } })).toEqual(lost);
  expect(problems({ flags: { networkUrl: MAIN, networkGenesis: [ONE, TWO] } })).toEqual(lost);
  expect(problems({ flags: { networks: JSON.stringify([MAIN]), networkGenesis: ONE } })).toEqual(lost);
});

test('a stronger source takes the place of the list altogether, an equal one is refused', async () => {
  const file = await fileWith(`networkUrl: ${MAIN}\nnetworkGenesis: ${ONE}\n`);
  const env = { RESULTITY_NETWORKS: JSON.stringify([TEST]) };
  const { config, origins } = load({ file, env });
  expect(config.networks).toEqual([{ url: TEST }]);
  expect(origins.networkUrl).toBeUndefined();
  expect(load({ file, env, flags: { networkUrl: [MAIN] } }).config.networks).toEqual([
    { url: MAIN, genesis: ONE },
  ]);
  const both = await fileWith(`networkUrl: ${MAIN}\nnetworks: [${TEST}]\n`);
  expect(problems({ file: both })).toEqual(['networks: the networks are set twice']);
});

test.each([
  [[MAIN, 'wss://main.example/'], 'networkUrl: names the same network twice'],
  [[MAIN, 'HTTPS://MAIN.example'], 'networkUrl: names the same network twice'],
  [[MAIN, 'http://far.example'], 'networkUrl: unencrypted, and not on this host'],
  [[MAIN, 'ftp://far.example'], 'networkUrl: the value is not accepted'],
  [[1, 2, 3, 4, 5].map((at) => `https://${at}.example`), 'networkUrl: the value is not accepted'],
])('refuses %j', (networkUrl, told) => {
  expect(problems({ flags: { networkUrl } })).toEqual([told]);
});

test('four networks are allowed', () => {
  const networkUrl = [1, 2, 3, 4].map((at) => `https://${at}.example`);
  expect(load({ flags: { networkUrl } }).config.networks.map(({ url }) => url)).toEqual(networkUrl);
});

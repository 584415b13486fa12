// What is on unless a flag says no: the flag wins, and a flag that is left out changes nothing.
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { withSettings } from '../../src/cli/node-options.js';
import { loadConfig } from '../../src/config.js';

const consoleOf = (args: readonly string[], environment: Record<string, string> = {}) => {
  const command = withSettings(new Command('start'), []).parse([...args], { from: 'user' });
  return loadConfig({
    flags: command.opts(),
    environment: { HOME: '/nowhere', ...environment },
    systemFile: '/no',
  }).config.console;
};

test('is on when nothing is said', () => {
  expect(consoleOf([])).toMatchObject({ enabled: true, inspector: true });
});

test('a flag switches it off, whatever the variable says', () => {
  const environment = { RESULTITY_CONSOLE_ENABLED: 'true', RESULTITY_CONSOLE_INSPECTOR: 'true' };
  expect(consoleOf(['--no-console', '--no-console-inspector'], environment)).toMatchObject({
    enabled: false,
    inspector: false,
  });
});

test('a flag that is left out leaves the variable its word', () => {
  const environment = { RESULTITY_CONSOLE_ENABLED: 'false', RESULTITY_CONSOLE_INSPECTOR: 'no' };
  expect(consoleOf([], environment)).toMatchObject({ enabled: false, inspector: false });
});

test.each(['localhost', '127.0.0.1:80', 'host', ''])('an address that is none is refused: %j', (address) => {
  expect(() => consoleOf(['--console-address', address])).toThrow('console.address');
});

test.each([['http://node'], ['a b'], ['node:80']])('a host that is no plain name is refused: %j', (host) => {
  const hosts = JSON.stringify([host]);
  expect(() => consoleOf(['--console-hosts', hosts])).toThrow('console.hosts');
});

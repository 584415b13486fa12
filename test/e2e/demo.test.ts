// The README's first command, as a user runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { BINARY, run } from './processes.js';

test('the demo shows every stage, verifies every receipt, and ends with exit code 0', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const stage of ['setup', 'registered', 'connected', 'syncing', 'models', 'claimed', 'executing']) {
    expect(stdout).toContain(`\n${stage}`);
  }
  expect(stdout).not.toContain('NOT VALID');
  expect(stdout.match(/verified {2}/g)?.length).toBe(10);
  expect(stdout).toContain('All 10 results were signed, verified, settled and acknowledged.');
});

test('a demo that stays up prints the links to both pages, each with the token that opens its API', async () => {
  const env = { PATH: process.env.PATH, HOME: tmpdir(), NO_COLOR: '1' };
  const demo = spawn(process.execPath, [BINARY, 'demo'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(demo, 'close');
  const links = new Map<string, URL>();
  try {
    let stdout = '';
    for await (const text of demo.stdout) {
      stdout += text;
      for (const [, name = '', link = ''] of stdout.matchAll(/^(Node|Network)’s \w+ +(http\S+)\n/gm))
        links.set(name, new URL(link));
      if (links.size === 2) break;
    }
    const statusOf = async (name: string, method: 'GET' | 'POST'): Promise<number> => {
      const { origin, hash } = links.get(name) ?? new URL('http://127.0.0.1:1');
      const headers = {
        authorization: `Bearer ${hash.replace('#token=', '')}`,
        'content-type': 'application/json',
      };
      const body = method === 'POST' ? { body: '{}' } : {};
      return (await fetch(`${origin}/api/status`, { method, headers, ...body })).status;
    };
    expect([await statusOf('Node', 'GET'), await statusOf('Network', 'POST')]).toEqual([200, 200]);
  } finally {
    demo.kill('SIGTERM');
    await ended;
  }
});

// The demo with a real engine and a real model, as a user runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, test } from 'vitest';
import { sharedEngine } from '../docker/system/container-system.js';

const ROOT = join(import.meta.dirname, '../..');

describe.skipIf(inject('engineSocket') === null)('the demo with a real vLLM', () => {
  test('verifies every receipt, and ends with exit code 0', async () => {
    const demo = spawn(
      join(ROOT, 'node_modules/.bin/tsx'),
      [
        join(ROOT, 'scripts/demo/main.ts'),
        ...['--once', '--json', '--engine', 'vllm-cpu', '--container-socket', sharedEngine().socketPath],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const said = text(demo.stdout);
    const [code] = await once(demo, 'close');
    expect(JSON.parse(await said)).toMatchObject({ ok: true, jobs: 9, reserved: '0' });
    expect(code).toBe(0);
    expect(await sharedEngine().docker.listContainers({ all: true })).toEqual([]);
  });
});

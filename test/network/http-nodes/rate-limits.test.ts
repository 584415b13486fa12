import fastify from 'fastify';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createChallenges } from '../../../src/network/http-nodes/challenges.js';
import {
  ChallengeRefusedError,
  ChallengesExhaustedError,
} from '../../../src/network/http-nodes/http-errors.js';
import { nodeRoutes } from '../../../src/network/http-nodes/node-routes.js';
import { problem } from '../../../src/protocol/http.js';
import { startHttpRig } from './http-rig.js';

test('tells an address that asks too often when it may go on, and leaves documents alone', async () => {
  const rig = await startHttpRig({ signed: 3 });
  try {
    for (let n = 0; n < 3; n++) expect((await rig.call('POST', '/v1/nodes/challenge')).status).toBe(200);
    const refused = await rig.call('POST', '/v1/nodes/challenge');
    expect(refused.problem()).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(refused.problem().retry_after_ms).toBeGreaterThan(0);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9][0-9]?$/);
    expect((await rig.call('GET', '/v1/network')).status).toBe(200);
  } finally {
    await rig.close();
  }
});

test('keeps the reasons of its own failures to itself', async () => {
  const rig = await startHttpRig();
  const logged: string[] = [];
  const app = fastify();
  try {
    const publisher = {
      ...rig.publisher,
      current: () => {
        throw new Error('a path on this disk');
      },
    };
    const logger = pino({}, { write: (line: string) => void logged.push(line) });
    const rest = { keys: rig.keys, registry: rig.registry, binding: rig.binding, clock: { nowMs: () => 0 } };
    const reports = { open: () => Promise.reject(new Error()), append: () => Promise.reject(new Error()) };
    const urls = { socketUrl: 'ws://127.0.0.1', portalUrl: 'http://127.0.0.1' };
    await app.register(nodeRoutes({ ...rest, ...urls, publisher, reports, logger }));
    const answer = await fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/config`);
    expect(answer.status).toBe(500);
    expect(problem.parse(await answer.json())).toEqual({
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
    });
    expect(logged.join()).toContain('a path on this disk');
  } finally {
    await app.close();
    await rig.close();
  }
});

test('remembers a bounded number of used challenges and makes room as they expire', () => {
  let nowMs = 1_000;
  const challenges = createChallenges({ nowMs: () => nowMs }, 2);
  const use = () => challenges.spend(challenges.issue().nonce);
  use();
  use();
  expect(use).toThrow(ChallengesExhaustedError);
  nowMs += 60_000;
  expect(use).not.toThrow();
});

test('takes no challenge of another process', () => {
  const clock = { nowMs: () => 1_000 };
  const { nonce } = createChallenges(clock).issue();
  expect(() => createChallenges(clock).spend(nonce)).toThrow(ChallengeRefusedError);
  expect(() => createChallenges(clock).spend('0x')).toThrow(ChallengeRefusedError);
});

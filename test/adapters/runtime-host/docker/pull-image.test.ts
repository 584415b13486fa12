// News of a pull, as engines tell them.
import { expect, test } from 'vitest';
import { assertDigest, followPull } from '../../../../src/adapters/runtime-host/docker/pull-image.js';
import type { PullProgress } from '../../../../src/adapters/runtime-host/runtime-host.js';

const IMAGE = `registry.test/engine@sha256:${'1'.repeat(64)}`;

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`;

const follow = async (...texts: readonly string[]) => {
  const told: PullProgress[] = [];
  await followPull(IMAGE, pieces(...texts), (progress) => told.push(progress));
  return told;
};

test('counts layers and bytes, with lines cut anywhere', async () => {
  const whole = [
    line({ status: 'Pulling from engine', id: 'sha256:1' }),
    line({ status: 'Already exists', id: 'aa' }),
    line({ status: 'Downloading', id: 'bb', progressDetail: { current: 10, total: 100 } }),
    line({ status: 'Download complete', id: 'bb', progressDetail: {} }),
    line({ status: 'Extracting', id: 'bb', progressDetail: { current: 5, total: 100 } }),
    line({ status: 'Pull complete', id: 'bb', progressDetail: {} }),
    line({ status: 'Digest: sha256:1' }),
  ].join('');
  const told = await follow(whole.slice(0, 33), whole.slice(33, 150), whole.slice(150));
  expect(told).toEqual([
    { layersDone: 1, layersTotal: 1, doneBytes: 0, totalBytes: 0 },
    { layersDone: 1, layersTotal: 2, doneBytes: 10, totalBytes: 100 },
    { layersDone: 1, layersTotal: 2, doneBytes: 100, totalBytes: 100 },
    { layersDone: 1, layersTotal: 2, doneBytes: 100, totalBytes: 100 },
    { layersDone: 2, layersTotal: 2, doneBytes: 100, totalBytes: 100 },
  ]);
});

test('counts on where a download goes on after a cut, and from nothing where it begins again', async () => {
  const downloading = (current: number, total: number) =>
    line({ status: 'Downloading', id: 'aa', progressDetail: { current, total } });
  const told = await follow(
    downloading(40, 100),
    line({ status: 'Retrying in 5 seconds', id: 'aa', progressDetail: {} }),
    downloading(10, 60),
    downloading(5, 100),
    line({ status: 'Downloading', id: 'aa', progressDetail: { current: 7 } }),
  );
  expect(told.map(({ doneBytes, totalBytes }) => [doneBytes, totalBytes])).toEqual([
    [40, 100],
    [40, 100],
    [50, 100],
    [5, 100],
    [5, 100],
  ]);
});

test.each([
  ['manifest verification failed for digest sha256:1', 'corrupt'],
  ['write /var/lib/docker: no space left on device', 'no-space'],
  ['manifest unknown', 'unknown'],
  ['unauthorized: authentication required', 'unauthorized'],
  ['dial tcp: connection refused', 'registry'],
])('takes a line with an error for a failed pull: %s', async (message, trouble) => {
  await expect(follow(line({ errorDetail: { message }, error: message }))).rejects.toMatchObject({
    code: 'IMAGE_UNAVAILABLE',
    details: { trouble, image: IMAGE },
  });
});

test('refuses news that are not JSON', async () => {
  await expect(follow('<html>\n')).rejects.toMatchObject({
    code: 'CONTAINER_ENGINE_UNAVAILABLE',
    details: { trouble: 'lost' },
  });
});

test('takes no image for another', () => {
  expect(() => assertDigest(IMAGE, [`other.test/engine@sha256:${'1'.repeat(64)}`])).not.toThrow();
  expect(() => assertDigest(IMAGE, [`registry.test/engine@sha256:${'2'.repeat(64)}`])).toThrow(
    expect.objectContaining({
      retryable: false,
      details: { trouble: 'corrupt', image: IMAGE, isOther: true },
    }),
  );
});

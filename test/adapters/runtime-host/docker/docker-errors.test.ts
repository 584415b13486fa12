// What dockerode throws, as typed errors.
import { expect, test } from 'vitest';
import {
  toEngineError,
  toImageError,
  toStartError,
} from '../../../../src/adapters/runtime-host/docker/docker-errors.js';

const transport = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const answered = (statusCode: number, message: string) =>
  Object.assign(new Error(message), { statusCode, json: { message } });

test.each([
  [transport('ENOENT'), 'missing'],
  [transport('EACCES'), 'forbidden'],
  [transport('ECONNREFUSED'), 'refused'],
  [transport('ECONNRESET'), 'lost'],
  [new DOMException('aborted', 'AbortError'), 'hung'],
  [new DOMException('late', 'TimeoutError'), 'hung'],
  [answered(400, 'client version 1.51 is too new. Maximum supported API version is 1.41'), 'unsupported'],
  // A proxy's page comes without JSON.
  [Object.assign(new Error('<html>Forbidden</html>'), { statusCode: 403, json: null }), 'forbidden'],
])('tells why the engine cannot be used: %s', (caught, trouble) => {
  const error = toEngineError(caught);
  expect(error).toMatchObject({
    code: 'CONTAINER_ENGINE_UNAVAILABLE',
    retryable: true,
    details: { trouble },
  });
  expect(error.advice).toMatch(/\.$/);
  expect(error.cause).toBe(caught);
});

test.each([
  [answered(500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'), 'gpu', true],
  [answered(400, 'OCI runtime create failed: exec: "/x": executable file not found'), 'executable', false],
  [answered(400, 'invalid mount config for type "bind": bind source path does not exist'), 'mount', false],
  [answered(400, 'Minimum memory limit allowed is 6MB'), 'spec', false],
  [answered(500, 'write: no space left on device'), 'no-space', true],
  [answered(500, 'something else'), 'engine', true],
  [answered(500, 'error creating overlay mount to /merged: device or resource busy'), 'engine', true],
  [answered(500, 'runc: error mounting "/models" to rootfs at "/models/0": not a directory'), 'mount', false],
])('tells why a container did not start: %s', (caught, trouble, retryable) => {
  expect(toStartError(caught, 'image')).toMatchObject({
    code: 'CONTAINER_START_FAILED',
    retryable,
    details: { trouble },
  });
});

test('takes a taken name for a conflict, a missing image for an absent one', () => {
  expect(toStartError(answered(409, 'Conflict. The container name is in use'), 'image').code).toBe(
    'CONTAINER_CONFLICT',
  );
  const absent = answered(404, 'No such image: engine');
  expect(toStartError(absent, `sha256:${'1'.repeat(64)}`)).toMatchObject({
    code: 'IMAGE_UNAVAILABLE',
    retryable: false,
  });
  // One that a registry has comes again.
  expect(toStartError(absent, `engine@sha256:${'1'.repeat(64)}`)).toMatchObject({ retryable: true });
});

test('blames the engine, not the image, where no engine answered a pull or a proxy let it not through', () => {
  expect(toImageError(transport('ECONNREFUSED'), 'image').code).toBe('CONTAINER_ENGINE_UNAVAILABLE');
  const page = Object.assign(new Error('<html>Forbidden</html>'), { statusCode: 403, json: null });
  for (const error of [toImageError(page, 'image'), toStartError(page, 'image')]) {
    expect(error).toMatchObject({
      code: 'CONTAINER_ENGINE_UNAVAILABLE',
      details: { trouble: 'forbidden' },
    });
  }
  expect(toImageError(answered(500, 'manifest unknown'), 'image')).toMatchObject({
    details: { trouble: 'unknown' },
  });
});

// Words of failed pulls, as engines and registries said them.
import { expect, test } from 'vitest';
import { pullError } from '../../../../src/adapters/runtime-host/docker/docker-errors.js';
import { imageTroubleOf } from '../../../../src/adapters/runtime-host/docker/image-trouble.js';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const IMAGE = `registry.test/engine@${DIGEST}`;

test.each([
  ['write /var/lib/docker/tmp/GetImageBlob2829352988: no space left on device', 'no-space'],
  [
    'failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device',
    'no-space',
  ],
  [`manifest verification failed for digest ${DIGEST}`, 'corrupt'],
  [`filesystem layer verification failed for digest ${DIGEST}`, 'corrupt'],
  [`failed commit on ref "layer": unexpected commit digest ${DIGEST}, expected sha256:2`, 'corrupt'],
  ["layers from manifest don't match image configuration", 'corrupt'],
  ['failed to register layer: Error processing tar file(exit status 1): unexpected EOF', 'corrupt'],
  [`Get "http://registry.test/v2/engine/manifests/${DIGEST}": no basic auth credentials`, 'unauthorized'],
  ["pull access denied for engine, repository does not exist or may require 'docker login'", 'unauthorized'],
  ['unauthorized: authentication required', 'unauthorized'],
  ['error parsing HTTP 403 response body: unexpected end of JSON input: ""', 'unauthorized'],
  [`manifest for ${IMAGE} not found: manifest unknown: manifest unknown`, 'unknown'],
  // What an engine says when it has tried for 75 seconds: every connection was cut.
  ['unexpected EOF', 'registry'],
  ['error parsing HTTP 429 response body: unexpected end of JSON input: ""', 'registry'],
  ['received unexpected HTTP status: 503 Service Unavailable', 'registry'],
  ['Get "http://registry.test/v2/": dial tcp 192.0.2.1:80: connect: connection refused', 'registry'],
  ['tls: failed to verify certificate: x509: certificate has expired or is not yet valid', 'registry'],
])('takes "%s" for %s', (words, trouble) => {
  expect(imageTroubleOf(words, IMAGE)).toBe(trouble);
});

test.each([
  [`manifest for denied.test/no-space-left/gzip@${DIGEST} not found: manifest unknown`, 'unknown'],
  [`Head "https://denied.test/v2/no-space-left/gzip/manifests/${DIGEST}": EOF`, 'registry'],
])('hears nothing in the name of the image: %s', (words, trouble) => {
  expect(imageTroubleOf(words, `denied.test/no-space-left/gzip@${DIGEST}`)).toBe(trouble);
});

test.each([
  [`manifest verification failed for digest ${DIGEST}`, false],
  [`failed commit on ref "manifest-${DIGEST}": unexpected commit digest sha256:2, expected ${DIGEST}`, false],
  ["layers from manifest don't match image configuration", false],
  [`filesystem layer verification failed for digest ${DIGEST}`, true],
  [`failed commit on ref "layer-${DIGEST}": unexpected commit digest sha256:2, expected ${DIGEST}`, true],
  [
    `failed commit on ref "manifest-${DIGEST}": unexpected commit size 7, expected 528: failed precondition`,
    true,
  ],
])(
  'asks again for what may have been spoiled on the way, and not for another image: "%s"',
  (words, retryable) => {
    expect(pullError(IMAGE, words)).toMatchObject({ retryable, details: { trouble: 'corrupt' } });
  },
);

import { expect, test } from 'vitest';
import { networkLabels } from '../../src/daemon/network-labels.js';

test('networks are called by name once joined, by host before, and never alike', () => {
  expect(
    networkLabels([
      { url: 'https://io.one.example', name: 'one' },
      { url: 'https://io.two.example:8443', name: undefined },
      { url: 'http://three.example:7530', name: 'one' },
    ]),
  ).toEqual(['one', 'io.two.example:8443', 'three.example:7530']);
});

import { test } from 'vitest';
import { recordingObstacle } from '../crash/record-life.js';
import { answersFromEachCall } from './answers-from-each-call.js';

test.skipIf(recordingObstacle() !== undefined)('answers EIO from each call in words', () =>
  answersFromEachCall('EIO'),
);

import { test } from 'vitest';
import { recordingObstacle } from '../crash/record-life.js';
import { answersFromEachCall } from './answers-from-each-call.js';

test.skipIf(recordingObstacle() !== undefined)('answers ENOSPC from each call in words', () =>
  answersFromEachCall('ENOSPC'),
);

// A node's small files from its first start.
import { join } from 'node:path';
import { LAST } from '../state-values.js';
import { liveState } from './live-state.js';
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
await liveState(join(root, 'data'), promiser(says), LAST);

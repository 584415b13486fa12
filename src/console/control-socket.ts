// Where a daemon's control socket lies.
import { join } from 'node:path';

/** @param dataDir the node's data directory */
export const controlSocketOf = (dataDir: string): string => join(dataDir, 'control.sock');

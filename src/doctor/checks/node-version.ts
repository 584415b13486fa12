// The Node.js this program runs in.
import type { Check } from '../check.js';
import { failure, ok } from '../finding.js';

// The same as `engines` in package.json; a test holds the two together.
export const SUPPORTED = '20.19 or newer of 20, 22.12 or newer of 22, or 24 and newer';

const isSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 20) return minor >= 19;
  return major === 22 ? minor >= 12 : major >= 24;
};

export const nodeVersion: Check = {
  id: 'node.version',
  about: 'Node.js is of a version the node is made for.',
  look: ({ process }) =>
    isSupported(process.nodeVersion)
      ? ok(`Node.js ${process.nodeVersion}`)
      : failure(`Node.js ${process.nodeVersion}`, `Install Node.js ${SUPPORTED}.`),
};

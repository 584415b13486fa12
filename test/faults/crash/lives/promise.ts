// How a life says what it has promised to others: one line in a file outside of its disk, written at once.
import { openSync, writeSync } from 'node:fs';

export const promiser = (path: string): ((text: string) => void) => {
  const file = openSync(path, 'w');
  return (text) => void writeSync(file, `${text}\n`);
};

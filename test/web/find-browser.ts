// The system's own Chromium: the tests of the pages download none.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** @returns its path; @throws Error that names the package to install */
export const findBrowser = (path = process.env.PATH ?? ''): string => {
  const found = path
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    `no browser for the tests of the pages: none of ${NAMES.join(', ')} is in PATH. Install one, on Debian: apt-get install chromium`,
  );
};

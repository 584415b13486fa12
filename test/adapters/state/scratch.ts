// A directory of its own for every test, gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const scratch = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'resultity-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

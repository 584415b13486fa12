// Vendors' tools that are scripts in a folder of their own; the folder is the whole search path of the runner.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createVendorTool, type VendorTool } from '../../../src/adapters/host/vendor-tool.js';

/**
 * @param scripts the body of a `/bin/sh` script by the tool's name
 * @param limitMs generous: only the test of a hanging tool waits for it
 */
export const fakeTools = async (
  scripts: Readonly<Record<string, string>>,
  limitMs = 10_000,
): Promise<{ readonly tool: VendorTool; readonly folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'resultity-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, body] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return { tool: createVendorTool({ searchPath: folder, limitMs }), folder };
};

/** Prints the lines, and ends with the status. */
export const says = (lines: readonly string[], status = 0): string =>
  [...lines.map((line) => `echo '${line}'`), `exit ${status}`].join('\n');

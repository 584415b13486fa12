// The inference engine: a program that can be started, or one that answers where somebody else runs it.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { engineByKey } from '../../runtimes/engines/engines.js';
import type { Check } from '../check.js';
import { type Finding, failure, ok } from '../finding.js';
import { configOf, type Subject } from '../subject.js';

export const runtimeEngine: Check = {
  id: 'runtime.engine',
  about: 'The inference engine is known, and is there to be started or spoken to.',
  limitMs: 8_000,
  ifSlow: 'Look at the log of the inference engine: it does not answer.',
  async look(subject, signal) {
    const { runtime } = configOf(subject);
    const { title } = engineByKey(runtime.engine);
    switch (runtime.driver) {
      case 'external': {
        const version = await subject.externalEngine(runtime, signal);
        return ok(
          `${title}${version === undefined ? '' : ` ${version}`} answers at ${runtime.socket ?? runtime.url}`,
        );
      }
      case 'process':
        return programOf(runtime, subject);
      case 'container':
        return ok(`${title}, in a container whose image the network's configuration names`);
    }
  },
};

const programOf = async (runtime: Config['runtime'], { process }: Subject): Promise<Finding> => {
  const { title, process: start } = engineByKey(runtime.engine);
  const [own] = runtime.command ?? [];
  const program = own ?? (start.program.from === 'node' ? undefined : start.program.name);
  if (program === undefined) return ok(`${title} is part of this program`);
  const places = program.includes('/')
    ? [program]
    : process.searchPath.map((folder) => join(folder, program));
  for (const place of places) if (await isExecutable(place)) return ok(`${title} as ${place}`);
  return failure(
    `${title} cannot be started: there is no program ${program}${program.includes('/') ? '' : ' on the PATH'}`,
    `Install ${title}, or set runtime.command, or another runtime.driver.`,
  );
};

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

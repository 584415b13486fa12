// Room for the Runtime's container: disk for its image, memory for what it may take.
import { stat } from 'node:fs/promises';
import { engineByKey } from '../../runtimes/engines/engines.js';
import { showBytes } from '../bytes.js';
import type { Check } from '../check.js';
import { engineReportOf } from '../container-engine.js';
import { ok, SkipCheck, warning } from '../finding.js';
import { configOf } from '../subject.js';
import { judgeSpace } from './disk-space.js';

/** vLLM's image has some 10 GB packed, and more unpacked. */
const IMAGE_BYTES = 30 * 1024 ** 3;
const LIMIT_MS = 12_000;

export const containerImages: Check = {
  id: 'container.images',
  about: 'The disk where the container engine keeps its images has room for one.',
  limitMs: LIMIT_MS,
  async look(subject) {
    const { rootDirectory } = await engineReportOf(subject);
    const isSeen = await stat(rootDirectory).then(
      () => true,
      () => false,
    );
    if (!isSeen) throw new SkipCheck(`${rootDirectory} cannot be seen from here`);
    return judgeSpace(rootDirectory, IMAGE_BYTES, 'Free space there, e.g. with `docker system prune`.');
  },
};

export const containerMemory: Check = {
  id: 'container.memory',
  about: 'The host has the memory the Runtime may take.',
  limitMs: LIMIT_MS,
  async look(subject) {
    const { memoryBytes } = await engineReportOf(subject);
    const { runtime } = configOf(subject);
    const { title, container } = engineByKey(runtime.engine);
    const limit = runtime.memoryBytes ?? container.memoryBytes;
    const source = runtime.memoryBytes === undefined ? `${title}'s default` : 'runtime.memoryBytes';
    const seen = `the Runtime may take ${showBytes(limit)} (${source}), the host has ${showBytes(memoryBytes)}`;
    return limit > memoryBytes
      ? warning(seen, 'Set runtime.memoryBytes to what this host can spare, so that the host is not starved.')
      : ok(seen);
  },
};

// The GPUs of this host, measured by what the configured engine needs. None is an honest answer.
import { engineByKey } from '../../runtimes/engines/engines.js';
import { showBytes } from '../bytes.js';
import type { Check } from '../check.js';
import { engineReportOf } from '../container-engine.js';
import { failure, ok, SkipCheck, warning } from '../finding.js';
import { configOf, type Subject } from '../subject.js';

export const gpuPresent: Check = {
  id: 'gpu.present',
  about: 'The drivers tell of GPUs, and lost none; whether any is needed depends on the engine.',
  limitMs: 30_000,
  ifSlow: 'Run `nvidia-smi` by hand; where it hangs too, start the host again.',
  async look(subject) {
    const { runtime } = configOf(subject);
    const { gpus, lost } = await subject.gpus();
    const [first] = lost;
    if (first !== undefined) {
      return failure(
        `lost: ${lost.map(({ place, reason }) => `${place ?? 'a GPU'} (${reason})`).join(', ')}`,
        'Run `nvidia-smi`, look at `dmesg` for NVRM or Xid, and start the host again.',
      );
    }
    if (gpus.length > 0) {
      const told = gpus.map(({ name, vram_total_bytes, driver }) =>
        [name, showBytes(vram_total_bytes), ...(driver === undefined ? [] : [`driver ${driver}`])].join(', '),
      );
      return ok(told.join(' | '));
    }
    if (runtime.driver === 'external') {
      throw new SkipCheck('none here, and the engine is run by somebody else');
    }
    const { title, container } = engineByKey(runtime.engine);
    if (container.gpu !== 'required') return ok(`none found; ${title} needs none`);
    if (runtime.gpus !== undefined && !/^(?:all|none)$/.test(runtime.gpus[0] ?? '')) {
      return ok(`none seen from here; runtime.gpus names ${runtime.gpus.join(', ')}`);
    }
    return (await mayHaveSome(subject))
      ? warning(
          `none seen from here; ${title} needs one, and the container engine can give some`,
          'Set runtime.gpus to what `nvidia-smi -L` shows on the host: a node in a container sees no GPU itself.',
        )
      : failure(
          `none found, and ${title} needs one`,
          'Install the driver of your GPU, or choose another runtime.engine, e.g. vllm-cpu.',
        );
  },
};

/** An Agent that lives in a container sees no GPU, though the engine beside it does. */
const mayHaveSome = async (subject: Subject): Promise<boolean> => {
  try {
    return (await engineReportOf(subject)).gpuInjection !== 'none';
  } catch {
    return false; // no container engine to ask
  }
};

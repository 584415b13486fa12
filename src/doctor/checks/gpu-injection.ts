// How GPUs get into containers here, held against the GPUs there are.
import { engineByKey } from '../../runtimes/engines/engines.js';
import type { Check } from '../check.js';
import { engineReportOf } from '../container-engine.js';
import { failure, ok, SkipCheck, warning } from '../finding.js';
import { configOf } from '../subject.js';

const WAYS = { toolkit: 'the NVIDIA Container Toolkit', cdi: 'CDI' } as const;

export const gpuInjection: Check = {
  id: 'gpu.injection',
  about: 'The container engine can give the GPUs of this host to a container.',
  limitMs: 30_000,
  ifSlow: 'Run `nvidia-smi` by hand; where it hangs too, start the host again.',
  async look(subject) {
    const [{ gpuInjection: way }, { gpus }] = await Promise.all([engineReportOf(subject), subject.gpus()]);
    const { engine, gpus: wanted = ['all'] } = configOf(subject).runtime;
    const { title, container } = engineByKey(engine);
    if (container.gpu === 'none') throw new SkipCheck(`${title} is given no GPU`);
    if (wanted.includes('none')) throw new SkipCheck('runtime.gpus is none');
    if (gpus.length === 0 && way === 'none') throw new SkipCheck('no GPU to give, and no way to give one');
    if (way === 'none') {
      const tell = container.gpu === 'required' ? failure : warning;
      return tell(
        `the container engine has no way to give a container ${gpus.map(({ name }) => name).join(', ')}`,
        'Install the NVIDIA Container Toolkit, run `nvidia-ctk runtime configure --runtime=docker`, and restart the engine.',
      );
    }
    if (gpus.length === 0) return ok(`by ${WAYS[way]}; no GPU is seen from here`);
    const known = new Set(gpus.flatMap(({ uuid, mig = [] }) => [uuid, ...mig.map((part) => part.uuid)]));
    const unknown = wanted.filter((uuid) => uuid !== 'all' && !known.has(uuid));
    if (unknown.length > 0) {
      return failure(
        `runtime.gpus names what is not here: ${unknown.join(', ')}`,
        'Correct runtime.gpus: `nvidia-smi -L` shows the UUIDs.',
      );
    }
    const others = gpus.filter(({ vendor }) => vendor !== 'nvidia').map(({ name }) => name);
    const seen = `given by ${WAYS[way]}: ${gpus.map(({ name }) => name).join(', ')}`;
    return others.length === 0
      ? ok(seen)
      : warning(
          `${seen}; that does not hold for ${others.join(', ')}`,
          'Use NVIDIA GPUs in containers, or runtime.driver process for the others.',
        );
  },
};

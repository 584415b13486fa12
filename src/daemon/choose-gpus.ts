// From the owner's word and the GPUs that were found to the ones an engine's container is given.
import type { HardwareProfile } from '../protocol/hardware.js';

/**
 * @param wanted `all`, `none`, or UUIDs, which need not have been found: a node in a container sees no GPU itself
 * @returns UUIDs. Of a GPU that is cut into instances the instances: the whole cannot be used
 */
export const chooseGpus = ({ gpus }: HardwareProfile, wanted: readonly string[]): readonly string[] => {
  if (wanted[0] === 'none') return [];
  if (wanted[0] !== 'all') return wanted;
  // Containers are given GPUs by NVIDIA's toolkit or CDI alone.
  return gpus
    .filter(({ vendor }) => vendor === undefined || vendor === 'nvidia')
    .flatMap(({ uuid, mig }) => (mig === undefined ? [uuid] : mig.map((instance) => instance.uuid)));
};

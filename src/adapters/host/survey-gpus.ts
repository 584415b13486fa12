// All GPUs of the host: NVIDIA's and AMD's from their own tools, any other from the controllers systeminformation lists.
import { gpusOf, nvidiaUuids } from './graphics.js';
import type { Gpu, LostGpu } from './nvidia-report.js';
import { askNvidiaSmi } from './nvidia-smi.js';
import { askRocmSmi } from './rocm-smi.js';
import type { VendorTool } from './vendor-tool.js';

export interface GpuSurvey {
  readonly gpus: Gpu[];
  readonly lost: LostGpu[];
}

/**
 * Never rejects.
 * @param parts.graphics the answer of `systeminformation.graphics()`
 * @param parts.systemMemoryBytes what a GPU without memory of its own works in
 * @param parts.driverDirectory where NVIDIA's kernel driver lists its GPUs, unless told the real one
 */
export const surveyGpus = async (parts: {
  readonly tool: VendorTool;
  readonly graphics: () => Promise<unknown>;
  readonly systemMemoryBytes: number;
  readonly driverDirectory?: string;
}): Promise<GpuSurvey> => {
  const [nvidia, amd, uuids] = await Promise.all([
    askNvidiaSmi(parts.tool, parts.systemMemoryBytes),
    askRocmSmi(parts.tool),
    nvidiaUuids(parts.driverDirectory),
  ]);
  const asked = [...(nvidia.kind === 'reported' ? nvidia.gpus : []), ...amd];
  if (nvidia.kind === 'hung' || nvidia.kind === 'failed') {
    const reason = nvidia.kind === 'hung' ? 'nvidia-smi does not answer' : nvidia.reason;
    const known = [...uuids.values()].map((place): LostGpu => ({ place: place.slice(0, 96), reason }));
    // The library runs nvidia-smi synchronously: one that hangs would take the whole node with it.
    const lost = known.length === 0 && nvidia.kind === 'hung' ? [{ reason }] : known;
    return { gpus: asked.slice(0, 64), lost: lost.slice(0, 64) };
  }
  const lost = nvidia.kind === 'reported' ? [...nvidia.lost] : [];
  // What a vendor's tool has told of, or told to be lost, is not counted again from the list of controllers.
  const vendors = [
    ...(nvidia.kind === 'reported' ? [/nvidia/i] : []),
    ...(amd.length > 0 ? [/\bamd\b|advanced micro devices|radeon/i] : []),
  ];
  const others = await parts
    .graphics()
    .then((answer) => gpusOf(answer, uuids, vendors))
    .catch(() => []);
  return { gpus: [...asked, ...others].slice(0, 64), lost: lost.slice(0, 64) };
};

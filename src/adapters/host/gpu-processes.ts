// Who holds memory of a GPU, as nvidia-smi lists it: what explains an engine that does not fit. Numbers only: what the
// owner runs beside the node is nobody's business.
import type { Gpu } from './nvidia-report.js';
import type { VendorTool } from './vendor-tool.js';

type GpuProcesses = NonNullable<Gpu['processes']>;

const MIB = 1024 * 1024;
const MOST = 32;

/** @param listing of `--query-compute-apps=gpu_uuid,pid,used_memory`; @returns processes by the UUID of their GPU */
export const readGpuProcesses = (listing: string): ReadonlyMap<string, GpuProcesses> => {
  const processes = new Map<string, GpuProcesses>();
  for (const line of listing.split(/\r?\n/)) {
    const [, uuid, pid, mebibytes] = /^\s*((?:GPU|MIG)-\S+), (\d+), (\d+|\[.*\])\s*$/.exec(line) ?? [];
    if (uuid === undefined) continue;
    const known = processes.get(uuid) ?? [];
    const used = Number(mebibytes);
    const found = { pid: Number(pid), ...(Number.isInteger(used) && { vram_bytes: used * MIB }) };
    if (known.length < MOST) processes.set(uuid, [...known, found]);
  }
  return processes;
};

/** The GPUs with their processes, where the driver tells of any. */
export const withProcesses = async (tool: VendorTool, gpus: readonly Gpu[]): Promise<readonly Gpu[]> => {
  if (gpus.length === 0) return gpus;
  const answer = await tool('nvidia-smi', [
    '--query-compute-apps=gpu_uuid,pid,used_memory',
    '--format=csv,noheader,nounits',
  ]);
  const processes = readGpuProcesses(answer.kind === 'answered' ? answer.output : '');
  return gpus.map((gpu) => {
    const own = processes.get(gpu.uuid);
    return own === undefined ? gpu : { ...gpu, processes: own };
  });
};

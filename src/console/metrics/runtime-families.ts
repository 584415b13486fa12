// The Runtime, the load its engine tells, the GPUs, memory and disk under it.
import { runtimeMachine } from '../../machines/runtime-machine.js';
import type { HardwareProfile } from '../../protocol/hardware.js';
import { type Family, type Sample, stateSet } from './family.js';
import type { EngineScrape } from './scrape.js';

type Gpu = HardwareProfile['gpus'][number];

/** As the status shows them: those of the statechart, with `live` resolved into what goes on in it. */
export const RUNTIME_STATES: readonly string[] = Object.entries(runtimeMachine.states).flatMap(
  ([name, state]) => (name === 'live' ? Object.keys(state.states) : [name]),
);

const perGpu = (name: string, help: string, read: (gpu: Gpu) => Sample[0]): Family => ({
  type: 'gauge',
  name,
  help,
  labels: ['gpu'],
  read: ({ hardware }) => (hardware?.gpus ?? []).map((gpu): Sample => [read(gpu), { gpu: gpu.uuid }]),
});

const ofEngine = (
  type: Family['type'],
  name: string,
  help: string,
  read: (engine: EngineScrape) => number | null,
): Family => ({
  type,
  name,
  help: `${help} As the engine tells it; absent while it does not.`,
  labels: [],
  read: ({ engine }) => (engine === undefined ? [] : [[read(engine)]]),
});

const single = (
  type: Family['type'],
  name: string,
  help: string,
  read: (scrape: Parameters<Family['read']>[0]) => Sample[0],
): Family => ({ type, name, help, labels: [], read: (scrape) => [[read(scrape)]] });

export const RUNTIME_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'resultity_node_runtime_state',
    help: 'State of the Runtime: 1 for the present one, 0 for all others.',
    labels: ['state'],
    read: ({ node }) => stateSet('state', RUNTIME_STATES, node.runtime.state),
  },
  single(
    'counter',
    'resultity_node_runtime_restarts_total',
    'Starts of an engine after the first, whatever they were for.',
    ({ node }) => node.runtime.restarts,
  ),
  single(
    'gauge',
    'resultity_node_runtime_controlled',
    'Whether the container engine answers; one that does not says nothing about the Runtime in it.',
    ({ node }) => node.runtime.controlled ?? true,
  ),
  single(
    'gauge',
    'resultity_node_runtime_behind',
    'Whether the Runtime serves an older configuration, because the newer one does not work.',
    ({ node }) => node.runtime.behind != null,
  ),
  ofEngine('gauge', 'resultity_node_engine_requests_running', 'Requests in execution.', (one) => one.running),
  ofEngine('gauge', 'resultity_node_engine_requests_waiting', 'Requests that wait.', (one) => one.waiting),
  ofEngine(
    'gauge',
    'resultity_node_engine_kv_cache_usage_ratio',
    'Share of the KV cache in use, 0 to 1.',
    (one) => one.kvUse,
  ),
  ofEngine(
    'counter',
    'resultity_node_engine_generated_tokens_total',
    'Tokens generated since the engine began, by whomever.',
    (one) => one.tokensOut,
  ),
  {
    type: 'gauge',
    name: 'resultity_node_gpu_info',
    help: 'Always 1; the labels name each GPU of the machine.',
    labels: ['gpu', 'name', 'driver'],
    read: ({ hardware }) =>
      (hardware?.gpus ?? []).map(
        (gpu): Sample => [1, { gpu: gpu.uuid, name: gpu.name, driver: gpu.driver ?? '' }],
      ),
  },
  single(
    'gauge',
    'resultity_node_gpus_lost',
    'GPUs the driver knows of and cannot speak with, or that this process has seen and sees no more.',
    ({ hardware }) => (hardware === undefined ? undefined : (hardware.lost_gpus?.length ?? 0)),
  ),
  perGpu('resultity_node_gpu_memory_total_bytes', 'Memory of the GPU.', (gpu) => gpu.vram_total_bytes),
  perGpu(
    'resultity_node_gpu_memory_used_bytes',
    'Memory of the GPU in use, by whomever.',
    (gpu) => gpu.vram_used_bytes,
  ),
  perGpu('resultity_node_gpu_utilisation_ratio', 'Share of the time the GPU was busy, 0 to 1.', (gpu) =>
    gpu.utilisation_percent === undefined ? undefined : gpu.utilisation_percent / 100,
  ),
  perGpu(
    'resultity_node_gpu_temperature_celsius',
    'Temperature of the GPU.',
    (gpu) => gpu.temperature_celsius,
  ),
  perGpu('resultity_node_gpu_power_watts', 'Power the GPU draws.', (gpu) => gpu.power_draw_watts),
  perGpu('resultity_node_gpu_power_limit_watts', 'Power the GPU may draw.', (gpu) => gpu.power_limit_watts),
  single(
    'gauge',
    'resultity_node_memory_free_bytes',
    'Memory of the machine that is free.',
    ({ hardware }) => hardware?.ram_bytes.free,
  ),
  single(
    'gauge',
    'resultity_node_memory_total_bytes',
    'Memory of the machine.',
    ({ hardware }) => hardware?.ram_bytes.total,
  ),
  single(
    'gauge',
    'resultity_node_disk_free_bytes',
    'Free on the file system of the data directory.',
    ({ hardware }) => hardware?.disk_bytes.free,
  ),
  single(
    'gauge',
    'resultity_node_disk_total_bytes',
    'Size of the file system of the data directory.',
    ({ hardware }) => hardware?.disk_bytes.total,
  ),
];

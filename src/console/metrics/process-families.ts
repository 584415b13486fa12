// The process itself, under the names every exporter uses. Not prom-client's default collectors: measured, they wake an
// idle process a hundred times a second, watch every garbage collection and use private parts of Node.
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Family, Sample } from './family.js';

const process_ = (type: Family['type'], name: string, help: string, read: () => Sample[0]): Family => ({
  type,
  name,
  help,
  labels: [],
  read: () => [[read()]],
});

/** Of what only Linux tells. Files of /proc are no I/O: the kernel answers from memory. */
const ifTold = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const openFilesLimit = (): number | undefined => {
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === undefined ? undefined : Number(limit);
};

export const PROCESS_FAMILIES: readonly Family[] = [
  process_(
    'counter',
    'process_cpu_user_seconds_total',
    'CPU time of the process in user code.',
    () => process.cpuUsage().user / 1e6,
  ),
  process_(
    'counter',
    'process_cpu_system_seconds_total',
    'CPU time of the process in the kernel.',
    () => process.cpuUsage().system / 1e6,
  ),
  process_('counter', 'process_cpu_seconds_total', 'CPU time of the process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }),
  process_(
    'gauge',
    'process_start_time_seconds',
    'When the process began, since the epoch.',
    () => performance.timeOrigin / 1_000,
  ),
  process_('gauge', 'process_resident_memory_bytes', 'Memory of the process that is in RAM.', () =>
    process.memoryUsage.rss(),
  ),
  process_('gauge', 'process_open_fds', 'Open file descriptors.', () =>
    ifTold(() => readdirSync('/proc/self/fd').length),
  ),
  process_('gauge', 'process_max_fds', 'How many file descriptors may be open.', () =>
    ifTold(openFilesLimit),
  ),
  process_(
    'gauge',
    'nodejs_heap_size_used_bytes',
    'JavaScript heap in use.',
    () => process.memoryUsage().heapUsed,
  ),
  process_(
    'gauge',
    'nodejs_heap_size_total_bytes',
    'JavaScript heap.',
    () => process.memoryUsage().heapTotal,
  ),
  process_(
    'gauge',
    'nodejs_external_memory_bytes',
    'Memory outside of the heap that JavaScript holds.',
    () => process.memoryUsage().external,
  ),
  process_(
    'counter',
    'nodejs_eventloop_busy_seconds_total',
    'Time the event loop had something to do: its rate is the utilisation.',
    () => performance.eventLoopUtilization().active / 1_000,
  ),
  {
    type: 'gauge',
    name: 'nodejs_version_info',
    help: 'Always 1; the label names the version of Node.',
    labels: ['version'],
    read: () => [[1, { version: process.version }]],
  },
];

// Asks nvidia-smi for its GPUs: the long question first, the short one where an old driver refuses it.
import { withProcesses } from './gpu-processes.js';
import {
  LONG_FIELDS,
  type NvidiaReport,
  readMigInstances,
  readNvidiaReport,
  SHORT_FIELDS,
} from './nvidia-report.js';
import type { ToolAnswer, VendorTool } from './vendor-tool.js';

/** `failed` and `hung` tell a driver that does not work from a host that has none. */
export type NvidiaAnswer =
  | ({ readonly kind: 'reported' } & NvidiaReport)
  | { readonly kind: 'missing' }
  | { readonly kind: 'hung' }
  | { readonly kind: 'failed'; readonly reason: string };

const TRIES = 2;

export const askNvidiaSmi = async (tool: VendorTool, systemMemoryBytes: number): Promise<NvidiaAnswer> => {
  let last: NvidiaAnswer = { kind: 'missing' };
  for (let count = 0; count < TRIES; count += 1) {
    last = await askOnce(tool, systemMemoryBytes);
    if (last.kind === 'reported' || last.kind === 'missing') break;
  }
  if (last.kind !== 'reported') return last;
  const gpus = await withProcesses(tool, last.gpus);
  if (!gpus.some(({ mig }) => mig !== undefined)) return { ...last, gpus };
  const listing = await tool('nvidia-smi', ['-L']);
  const instances = readMigInstances(listing.kind === 'answered' ? listing.output : '');
  return {
    ...last,
    gpus: gpus.map((gpu) => (gpu.mig === undefined ? gpu : { ...gpu, mig: instances.get(gpu.uuid) ?? [] })),
  };
};

const askOnce = async (tool: VendorTool, systemMemoryBytes: number): Promise<NvidiaAnswer> => {
  const long = await ask(tool, LONG_FIELDS);
  const refused = long.kind === 'answered' && /not a valid field/i.test(long.output);
  const [fields, answer] = refused
    ? ([SHORT_FIELDS, await ask(tool, SHORT_FIELDS)] as const)
    : ([LONG_FIELDS, long] as const);
  if (answer.kind !== 'answered') return answer;
  const report = readNvidiaReport(answer.output, fields, systemMemoryBytes);
  // One lost GPU makes the tool fail although it has told of all others.
  const useful = report.gpus.length > 0 || report.lost.length > 0;
  if (answer.succeeded || useful || /no devices were found/i.test(answer.output))
    return { kind: 'reported', ...report };
  return { kind: 'failed', reason: answer.output.trim().replace(/\s+/g, ' ').slice(0, 200) };
};

const ask = (tool: VendorTool, fields: readonly string[]): Promise<ToolAnswer> =>
  tool('nvidia-smi', [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits']);

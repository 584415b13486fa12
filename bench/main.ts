// What the Agent costs: the same streams once straight at the engine and once through the Agent, interleaved in one run,
// engine and Agent in processes of their own. Prints ratios and writes them as JSON; wall times are of this machine only.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startBenchSystem } from './bench-system.js';
import { carryLoad, type Load, type LoadResult } from './load.js';
import { median, percentile, rounded } from './statistics.js';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '32' },
    tokens: { type: 'string', default: '64' },
    jobs: { type: 'string', default: '256' },
    repetitions: { type: 'string', default: '3' },
    out: { type: 'string', default: 'bench/results/agent-path.json' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log('npm run bench -- [--streams 32] [--tokens 64] [--jobs 256] [--repetitions 3] [--out FILE]');
  process.exit(0);
}

const load: Load = {
  streams: Number(values.streams),
  tokens: Number(values.tokens),
  jobs: Number(values.jobs),
};

const system = await startBenchSystem(load.streams);
const direct: LoadResult[] = [];
const agent: LoadResult[] = [];
try {
  const warmUp: Load = { ...load, jobs: load.streams };
  await carryLoad(warmUp, system.direct);
  await carryLoad(warmUp, system.throughAgent);
  for (let turn = 0; turn < Number(values.repetitions); turn++) {
    direct.push(await carryLoad(load, system.direct));
    agent.push(await carryLoad(load, system.throughAgent));
  }
} finally {
  await system.close();
}

const summary = (results: readonly LoadResult[]) => {
  const first = results.flatMap(({ timings }) => timings.map(({ firstChunkMs }) => firstChunkMs));
  const total = results.flatMap(({ timings }) => timings.map(({ totalMs }) => totalMs));
  return {
    chunksPerSecond: rounded(median(results.map(({ chunksPerSecond }) => chunksPerSecond)), 0),
    jobsPerSecond: rounded(median(results.map(({ jobsPerSecond }) => jobsPerSecond))),
    firstChunkMs: { p50: rounded(percentile(first, 0.5)), p99: rounded(percentile(first, 0.99)) },
    totalMs: { p50: rounded(percentile(total, 0.5)), p99: rounded(percentile(total, 0.99)) },
  };
};

const straight = summary(direct);
const through = summary(agent);
const report = {
  benchmark: 'agent-path',
  load,
  node: process.version,
  takenAt: new Date().toISOString(),
  direct: straight,
  agent: through,
  ratio: { throughput: rounded(through.chunksPerSecond / straight.chunksPerSecond, 3) },
  addedFirstChunkMs: {
    p50: rounded(through.firstChunkMs.p50 - straight.firstChunkMs.p50),
    p99: rounded(through.firstChunkMs.p99 - straight.firstChunkMs.p99),
  },
};
console.log(JSON.stringify(report, null, 2));
await mkdir('bench/results', { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);

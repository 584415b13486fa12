// How long a node is away when it is killed and started again, its engine untouched: from the start of the process until
// nothing stands between it and a job, and to the first token of one.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { startBenchSystem } from './bench-system.js';
import { percentile, rounded } from './statistics.js';

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '40' },
    out: { type: 'string', default: 'bench/results/restart.json' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log('npm run bench:restart -- [--restarts 40] [--out FILE]');
  process.exit(0);
}

const readyMs: number[] = [];
const firstTokenMs: number[] = [];
const system = await startBenchSystem(4);
try {
  await system.throughAgent(0, 4, () => undefined);
  for (let turn = 1; turn <= Number(values.restarts); turn++) {
    await system.killAgent();
    const beganMs = performance.now();
    let token: number | undefined;
    await system.startAgent();
    readyMs.push(performance.now() - beganMs);
    // Only now: a network without a node that serves refuses a job after ten seconds.
    await system.throughAgent(turn, 4, () => {
      token ??= performance.now() - beganMs;
    });
    if (token === undefined) throw new Error('a job was answered without a token');
    firstTokenMs.push(token);
  }
} finally {
  await system.close();
}

const shares = (all: readonly number[]) => ({
  p50: rounded(percentile(all, 0.5), 0),
  p95: rounded(percentile(all, 0.95), 0),
  max: rounded(Math.max(...all), 0),
});
const report = {
  benchmark: 'restart',
  restarts: readyMs.length,
  node: process.version,
  takenAt: new Date().toISOString(),
  readyMs: shares(readyMs),
  firstTokenMs: shares(firstTokenMs),
};
console.log(JSON.stringify(report, null, 2));
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);

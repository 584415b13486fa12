// A real Prometheus, where it is installed, that scrapes one address with the rules that are shipped.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { RULES_FILE } from '../deploy/observability/shipped.js';

export const HAS_PROMETHEUS = spawnSync('prometheus', ['--version']).status === 0;

const targetsAnswer = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })).length(1),
  }),
});
const vectorAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** @param directory its own, for its database. @param target `host:port`; resolves once it listens */
export const startPrometheus = async (directory: string, target: string) => {
  const file = join(directory, 'prometheus.yaml');
  await writeFile(
    file,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [RULES_FILE],
      scrape_configs: [{ job_name: 'resultity-node', static_configs: [{ targets: [target] }] }],
    }),
  );
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(directory, 'tsdb')}`];
  const child = spawn('prometheus', [...flags, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`prometheus ended with ${code}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`http://${address}/api/v1/${path}`)).json();
  return {
    target: async () => targetsAnswer.parse(await ask('targets')).data.activeTargets[0],
    /** The values of all series of an expression. */
    query: async (expression: string): Promise<readonly number[]> => {
      const answer = await ask(`query?query=${encodeURIComponent(expression)}`);
      return vectorAnswer.parse(answer).data.result.map(({ value: [, value] }) => Number(value));
    },
  };
};

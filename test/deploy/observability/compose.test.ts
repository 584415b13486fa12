// The profile `observability` finds the node by the name the node answers to, and its files where they are mounted.
import { access, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROMETHEUS_FILE } from './shipped.js';

const ROOT = resolve(import.meta.dirname, '../../..');

const service = z.object({
  profiles: z.array(z.string()),
  networks: z
    .union([z.array(z.string()), z.object({ default: z.object({ aliases: z.array(z.string()) }) })])
    .optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
});
const composeFile = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

const compose = async () =>
  composeFile.parse(parse(await readFile(resolve(ROOT, 'compose.yaml'), 'utf8'), { merge: true }));

const targets = z.object({
  scrape_configs: z
    .array(
      z.object({
        job_name: z.literal('resultity-node'),
        static_configs: z.array(z.object({ targets: z.array(z.string()) })),
      }),
    )
    .length(1),
});

test('every node is called what Prometheus asks for, and allows that name; nothing else is', async () => {
  const { scrape_configs } = targets.parse(parse(await readFile(PROMETHEUS_FILE, 'utf8')));
  expect(scrape_configs.flatMap((job) => job.static_configs.flatMap((one) => one.targets))).toEqual([
    'node:7540',
  ]);
  const { services } = await compose();
  const called = Object.entries(services).filter(
    ([, { networks }]) =>
      networks !== undefined && !Array.isArray(networks) && networks.default.aliases.includes('node'),
  );
  expect(called.map(([name]) => name)).toEqual(['node-cpu', 'node-gpu', 'node-demo']);
  for (const [, { environment }] of called) expect(environment.RESULTITY_CONSOLE_HOSTS).toBe('node');
});

test('what Prometheus and Grafana are given is there, and they are published on loopback alone', async () => {
  const { services, volumes } = await compose();
  const watchers = Object.entries(services).filter(([, { profiles }]) => profiles.includes('observability'));
  expect(watchers.map(([name]) => name)).toEqual(['prometheus', 'grafana']);
  for (const [, { volumes: mounts, ports }] of watchers) {
    expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    for (const mount of mounts) {
      const [from = '', , mode] = mount.split(':');
      if (!from.startsWith('./')) {
        expect(Object.keys(volumes)).toContain(from);
        continue;
      }
      expect(mode).toBe('ro');
      await access(resolve(ROOT, from));
    }
  }
  expect(services.prometheus?.command[0]).toBe('--config.file=/etc/prometheus/prometheus.yaml');
  const provider = await readFile(
    resolve(ROOT, 'deploy/observability/grafana/provisioning/dashboards/resultity.yaml'),
    'utf8',
  );
  const folder = '/etc/grafana/dashboards';
  expect(provider).toContain(`path: ${folder} `);
  expect(services.grafana?.volumes).toContain(`./deploy/observability/grafana/dashboards:${folder}:ro`);
});

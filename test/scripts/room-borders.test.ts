// The borders between rooms are lint rules; here each is crossed once, and each lawful neighbour visited once.
// Runs the real linter with the repository's own overrides on a throw-away tree.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const crossings: Record<string, string[]> = {
  'src/protocol/a.ts': [
    '../machines/x.js',
    '../services/x.js',
    '../config.js',
    'ws',
    'undici',
    'node:fs',
    'node:net',
  ],
  'src/protocol/messages/a.ts': ['../../machines/x.js', '../../network/x.js', 'pino', 'node:fs/promises'],
  'src/machines/a.ts': [
    '../services/x.js',
    '../adapters/socket/sockets.js',
    '../console/x.js',
    '../cli/x.js',
    '../network/x.js',
    '../runtimes/x.js',
    '../config.js',
    'node:crypto',
    'zod',
    'pino',
    'ethers',
  ],
  'src/machines/job/a.ts': ['../../services/x.js', 'node:timers', 'ws'],
  'src/replay/a.ts': ['../machines/x.js', '../adapters/x.js', '../cli/x.js', 'node:fs', 'pino'],
  'src/services/a.ts': [
    '../console/x.js',
    '../cli/x.js',
    '../network/io/x.js',
    '../main.js',
    'ws',
    'ethers',
    'ethers/crypto',
    'lowdb/node',
    'lmdb',
    'undici',
    'fastify',
    'pino',
  ],
  'src/adapters/a.ts': ['../services/x.js', '../machines/x.js'],
  'src/adapters/socket/a.ts': [
    '../../services/x.js',
    '../../machines/x.js',
    '../../console/x.js',
    '../../cli/x.js',
    '../../network/x.js',
    '../../main.js',
  ],
  'src/adapters/socket/deep/a.ts': ['../../../services/x.js'],
  'src/network/a.ts': ['../adapters/x.js', '../config.js'],
  'src/network/io/a.ts': [
    '../../machines/x.js',
    '../../services/x.js',
    '../../adapters/socket/ws-sockets.js',
    '../../console/x.js',
    '../../runtimes/x.js',
    '../../cli/x.js',
  ],
  'src/network/io/deep/a.ts': ['../../../machines/x.js'],
  'src/pages/a.ts': ['../protocol/x.js', '../console/x.js', '../network/x.js'],
  'src/console/a.ts': ['../adapters/x.js', '../services/x.js', '../network/x.js'],
  'src/console/pages/a.ts': ['../../adapters/state/x.js'],
  'web/console/a.ts': ['../../src/services/x.js', '../../src/machines/x.js', 'ws', 'node:fs'],
  'web/console/jobs/a.ts': ['../../../src/console/http/x.js', '../../../src/protocol/x.js'],
  'src/runtimes/a.ts': [
    '../services/x.js',
    '../machines/x.js',
    '../network/x.js',
    '../console/x.js',
    '../cli/x.js',
  ],
  'src/runtimes/simulator/a.ts': [
    '../../services/x.js',
    '../../adapters/runtime/runtime-driver.js',
    '../../adapters/engine/engine-client.js',
  ],
};

const visits: Record<string, string[]> = {
  'src/protocol/a.ts': [
    './x.js',
    './messages/x.js',
    '../errors.js',
    'zod',
    'ethers/hash',
    'ulid',
    'node:crypto',
    'node:buffer',
  ],
  'src/protocol/messages/a.ts': ['./x.js', '../frame.js', '../openai/x.js', '../../errors.js', 'zod'],
  'src/machines/a.ts': [
    'xstate',
    'xstate/graph',
    './declare.js',
    '../protocol/messages/x.js',
    '../errors.js',
  ],
  'src/machines/job/a.ts': ['../declare.js', '../../protocol/x.js', '../../errors.js'],
  'src/replay/a.ts': ['./x.js', '../errors.js', 'xstate', 'zod', 'node:crypto', 'node:util'],
  'src/services/a.ts': [
    '../machines/x.js',
    '../adapters/network/x.js',
    '../protocol/x.js',
    '../errors.js',
    'xstate',
    'node:crypto',
  ],
  'src/adapters/socket/a.ts': [
    '../network/x.js',
    '../../protocol/x.js',
    '../../errors.js',
    '../../runtimes/engines/x.js',
    'ws',
  ],
  'src/network/io/a.ts': [
    '../scheduler/x.js',
    '../../pages/x.js',
    '../../protocol/x.js',
    '../../errors.js',
    'ws',
    'fastify',
    'node:http',
  ],
  'src/pages/a.ts': ['./x.js', '../errors.js', 'fastify', 'node:fs/promises'],
  'src/console/a.ts': ['../machines/x.js', '../protocol/x.js', '../pages/x.js', 'fastify'],
  'web/console/jobs/a.ts': [
    '../../../src/console/feed/x.js',
    '../../../src/console/node-view.js',
    '../../look/x.js',
    'preact',
    'zod',
  ],
  'src/cli/a.ts': ['../adapters/socket/x.js', '../services/x.js', '../network/x.js', '../machines/x.js'],
  'src/runtimes/simulator/a.ts': ['../engines/x.js', '../../protocol/x.js', '../../errors.js', 'fastify'],
};

/** Type imports that are lawful although the module itself is not. */
const lawfulTypes: Record<string, string> = {
  'src/services/logger.ts': "export type { Logger } from 'pino';",
  'src/runtimes/simulator/address.ts':
    "export type { EngineAddress } from '../../adapters/engine/engine-client.js';",
};

const reportSchema = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
});

let tree: string;
let found: Set<string>;

const caseFiles = (cases: Record<string, string[]>, kind: string): [string, string][] =>
  Object.entries(cases).flatMap(([file, sources]) =>
    sources.map((source, index): [string, string] => [
      file.replace(/a\.ts$/, `${kind}-${index}.ts`),
      `export * as everything from '${source}';`,
    ]),
  );

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'room-borders-'));
  const { overrides } = z
    .object({ overrides: z.array(z.unknown()) })
    .parse(JSON.parse(await readFile('biome.json', 'utf8')));
  await writeFile(join(tree, 'biome.json'), JSON.stringify({ root: true, overrides }));
  for (const [file, text] of [
    ...caseFiles(crossings, 'crossing'),
    ...caseFiles(visits, 'visit'),
    ...Object.entries(lawfulTypes),
  ]) {
    await mkdir(join(tree, dirname(file)), { recursive: true });
    await writeFile(join(tree, file), text);
  }
  const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome');
  const options = [
    'lint',
    '--only=style/noRestrictedImports',
    '--reporter=json',
    '--max-diagnostics=none',
    'src',
    'web',
  ];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [biome, ...options], { cwd: tree, maxBuffer: 1 << 26 }, (_exit, stdout) =>
      resolve(stdout),
    );
  });
  const { diagnostics } = reportSchema.parse(JSON.parse(output));
  found = new Set(
    diagnostics
      .filter((finding) => finding.category.includes('noRestrictedImports'))
      .map((finding) => finding.location.path),
  );
});

afterAll(() => rm(tree, { recursive: true, force: true }));

const rows = (cases: Record<string, string[]>, kind: string) =>
  Object.entries(cases).flatMap(([file, sources]) =>
    sources.map((source, index) => ({
      file: file.replace(/a\.ts$/, `${kind}-${index}.ts`),
      room: dirname(file),
      source,
    })),
  );

test.each(rows(crossings, 'crossing'))('$room may not import $source', ({ file }) => {
  expect(found).toContain(file);
});

test.each(rows(visits, 'visit'))('$room may import $source', ({ file }) => {
  expect(found).not.toContain(file);
});

test.each(Object.keys(lawfulTypes))('%s may import the type', (file) => {
  expect(found).not.toContain(file);
});

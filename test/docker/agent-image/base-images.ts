// The base the Agent's image is built in by tests: Debian with the Node and npm that run the tests, made here because
// nothing may be pulled. The base it runs on is Node alone: see images/simulator-image.ts.
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { z } from 'zod';
import { cached, cacheRoot, contentHash, withLock } from '../../vllm/content-cache.js';
import { imageId, importTree } from '../images/import-image.js';
import { plantNode } from '../images/node-tree.js';

const run = promisify(execFile);
const SUITE = 'bookworm';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** What npm needs to reach its registry from here; nothing of it is in the repository. */
const npmSettings = z.object({
  registry: z.string(),
  cafile: z.string().nullish(),
  proxy: z.string().nullish(),
  'https-proxy': z.string().nullish(),
});

/** A packed tree of Debian's smallest variant, kept outside the work tree. */
const debian = async (): Promise<string> => {
  const root = cacheRoot();
  return withLock(root, async () => {
    const hash = await contentHash(import.meta.dirname, ['base-images.ts']);
    const folder = await cached(root, 'debian', hash, async (staging) => {
      const tree = join(staging, '..', 'debian');
      await run('unshare', [
        ...['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase', SUITE, tree],
      ]);
      for (const waste of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale']) {
        await rm(join(tree, waste), { recursive: true, force: true });
      }
      await run('tar', ['--create', '--numeric-owner', '--file', join(staging, 'root.tar'), '-C', tree, '.']);
    });
    return join(folder, 'root.tar');
  });
};

const plantNpm = async (tree: string): Promise<void> => {
  const cli = await realpath(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
  const home = dirname(dirname(cli));
  await cp(home, join(tree, 'usr/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(tree, 'usr/bin', name));
  }
  const settings = npmSettings.parse(
    JSON.parse(
      execFileSync('npm', ['config', 'list', '--json'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ),
  );
  if (settings.cafile) {
    await cp(settings.cafile, join(tree, CERTIFICATES), { dereference: true });
    settings.cafile = CERTIFICATES;
  }
  const lines = Object.entries(settings).flatMap(([name, value]) => (value ? [`${name}=${value}\n`] : []));
  await writeFile(join(tree, 'usr/lib/node_modules/npm/npmrc'), lines.join(''));
};

/** Debian with a shell, Node and npm: what a build needs. @returns its reference */
export const buildBaseImage = async (docker: Docker): Promise<string> => {
  const reference = 'resultity-test/build-base:1';
  if ((await imageId(docker, reference)) !== undefined) return reference;
  const tar = await debian();
  const tree = await mkdtemp(join(tmpdir(), 'rn-base-'));
  try {
    await run('tar', ['--extract', '--numeric-owner', '--file', tar, '-C', tree]);
    await plantNode(tree);
    await plantNpm(tree);
    const changes = ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
    await importTree(docker, tree, { reference, changes });
    return reference;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
};

// Images the tests run as Runtime: Node alone, and the node's own package, whose simulator is an engine. Made from this
// work tree in seconds, so nothing is pulled.
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type Docker from 'dockerode';
import { imageId, importTree } from './import-image.js';
import { plantNode } from './node-tree.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const PATH = 'ENV PATH=/usr/local/bin:/usr/bin';

const withTree = async <T>(build: (tree: string) => Promise<T>): Promise<T> => {
  const tree = await mkdtemp(join(tmpdir(), 'rn-tree-'));
  try {
    return await build(tree);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
};

/** What the package needs where it runs, as the lockfile's tree says. */
const productionPackages = (): readonly string[] =>
  execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable', '--silent'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .map((path) => relative(ROOT, path.trim()))
    .filter((path) => path.startsWith('node_modules'));

const plantPackage = async (tree: string): Promise<void> => {
  const home = join(tree, 'opt/resultity-node');
  await mkdir(join(tree, 'usr/local/bin'), { recursive: true });
  for (const path of ['package.json', 'dist', ...productionPackages()]) {
    await cp(join(ROOT, path), join(home, path), { recursive: true, verbatimSymlinks: true });
  }
  await chmod(join(home, 'dist/cli/main.js'), 0o755); // as npm does when it installs a package
  await symlink('../../../opt/resultity-node/dist/cli/main.js', join(tree, 'usr/local/bin/resultity-node'));
};

/** Node and nothing else; entrypoint is to be given. */
export const nodeImage = async (docker: Docker): Promise<string> => {
  const reference = 'resultity-test/node:1';
  return (
    (await imageId(docker, reference)) ??
    withTree(async (tree) => {
      await plantNode(tree);
      return importTree(docker, tree, { reference, changes: [PATH] });
    })
  );
};

/** This very package, built: `resultity-node simulate-engine …` is an engine. */
export const simulatorImage = async (docker: Docker): Promise<string> => {
  const reference = 'resultity-test/simulator:1';
  return (
    (await imageId(docker, reference)) ??
    withTree(async (tree) => {
      await plantNode(tree);
      await plantPackage(tree);
      return importTree(docker, tree, { reference, changes: [PATH, 'ENTRYPOINT ["resultity-node"]'] });
    })
  );
};

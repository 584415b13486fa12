// Puts together what the image is made of, so that its last stage only copies: `node assemble.mjs TARGET NODE`, in a
// directory with `dist` and the packages needed at run time.
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNeeded } from './needed.mjs';

const HOME = '/opt/resultity-node';
const PROGRAMS = { 'resultity-node': 'dist/cli/main.js', 'resultity-demo-set-up': 'deploy/demo/set-up.mjs' };

const [target, node] = process.argv.slice(2);
if (target === undefined || node === undefined) throw new Error('usage: node assemble.mjs TARGET NODE');
const root = join(target, 'root');

for (const path of ['package.json', 'LICENSE', 'dist', 'statecharts', 'node_modules', 'deploy/demo']) {
  await cp(path, join(root, HOME, path), { recursive: true, verbatimSymlinks: true, filter: isNeeded });
}

const programs = join(root, 'usr/local/bin');
await mkdir(programs, { recursive: true });
for (const [name, path] of Object.entries(PROGRAMS)) {
  const file = join(root, HOME, path);
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^#!.*/, `#!${node}`));
  await chmod(file, 0o755);
  await symlink(join(HOME, path), join(programs, name));
}

// Parents are root's; the Agent's own are its data, the place of the engine's socket, and the network's data.
for (const parent of ['var/lib', 'run']) await mkdir(join(root, parent), { recursive: true });
for (const own of ['state/resultity/models', 'state/resultity-network', 'run/resultity']) {
  await mkdir(join(target, own), { recursive: true, mode: 0o700 });
}
await mkdir(join(root, 'tmp'));
await chmod(join(root, 'tmp'), 0o1777); // for a tmpfs takes the mode of what it covers

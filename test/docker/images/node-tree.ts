// The smallest tree this program runs in: Node, the libraries it is linked with, and no shell.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What `ldd` names: `libc.so.6 => /lib/…/libc.so.6 (0x…)` or `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
const librariesOf = (program: string): readonly string[] =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path = '']) => path,
  );

const put = async (tree: string, from: string, to: string): Promise<void> => {
  const target = join(tree, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await realpath(from), target);
};

const putProgram = async (tree: string, from: string, to: string): Promise<void> => {
  await put(tree, from, to);
  for (const library of librariesOf(from)) await put(tree, library, library);
};

export const plantNode = async (tree: string): Promise<void> => {
  await putProgram(tree, process.execPath, '/usr/bin/node');
  await putProgram(tree, '/usr/bin/env', '/usr/bin/env');
  for (const directory of ['tmp', 'proc', 'sys', 'dev', 'run', 'etc', 'models', 'root']) {
    await mkdir(join(tree, directory), { recursive: true });
  }
  await writeFile(join(tree, 'etc/passwd'), 'root:x:0:0:root:/root:/nologin\n');
  await writeFile(join(tree, 'etc/group'), 'root:x:0:\n');
};

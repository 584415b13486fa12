// The same document through lowdb's own adapter for files: it renames, and never syncs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JSONFilePreset } from 'lowdb/node';
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
const promise = promiser(says);
mkdirSync(join(root, 'data/networks/devnet'), { recursive: true });
const floor = await JSONFilePreset(join(root, 'data/networks/devnet/floor.json'), { config_version: 0 });
for (let number = 1; number <= 5; number++) {
  await floor.update((data) => {
    data.config_version = number;
  });
  promise(`floor ${number}`);
}

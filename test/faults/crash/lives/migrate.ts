// A document of version 1, and then the first start of a node that knows version 2.
import { join } from 'node:path';
import { openDocument } from '../../../../src/adapters/state/document-store.js';
import { makeDirectoryDurably } from '../../../../src/adapters/state/durable-directory.js';
import { LAST_OLD, newer, older } from '../migrated-document.js';
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
const promise = promiser(says);
await makeDirectoryDurably(join(root, 'data'));
const path = join(root, 'data/counts.json');
const { store } = await openDocument(older(path));
for (let count = 1; count <= LAST_OLD; count++) {
  await store.update(() => ({ count }));
  promise(`old ${count}`);
}
const migrated = await openDocument(newer(path));
promise('migrated');
await migrated.store.update(({ counts }) => ({ counts: [...counts, LAST_OLD + 1] }));
promise('new');

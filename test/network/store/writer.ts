// Runs as its own process: writes one record after another and says each number once the store calls it durable.
import { z } from 'zod';
import { openStore } from '../../../src/network/store/store.js';

const store = openStore(process.argv[2] ?? '');
const numbers = store.table('numbers', z.object({ n: z.number() }));
const write = async (): Promise<void> => {
  for (let n = 0; ; n++) {
    await store.transaction(() => numbers.put(String(n).padStart(8, '0'), { n }));
    process.stdout.write(`${n}\n`);
  }
};
void write();

// The engines a node has running, as the machine's own table of processes shows them: its owner's GPU is free when there
// are none.
import { readdirSync, readFileSync } from 'node:fs';

const textOf = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // gone meanwhile, or somebody else's
  }
};

/** Processes started in the name of a Runtime of the node in this data directory. */
export const enginesOf = (dataDir: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => textOf(pid, 'environ').includes(`\0RESULTITY_RUNTIME=${dataDir}/`))
    .map(Number);

#!/usr/bin/env node
// Stands in for `resultity-node` in an image of the tests: the simulator, with what goes wrong named in a file.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const fault = readFileSync('/etc/engine-fault', 'utf8').trim();
const { argv } = process;
const socket = argv.find((one) => one.startsWith('--uds='))?.slice('--uds='.length);

/** Takes memory until the kernel ends it. */
const hog = () => {
  for (const held = []; ; ) held.push(Buffer.alloc(16 * 1024 ** 2, 1));
};

if (fault === 'unfit') {
  console.error("error: unknown option '--no-such-flag'");
  process.exit(2);
} else if (fault === 'garbage') {
  createServer((_, response) => response.end('<html>not what was asked for</html>')).listen(socket);
} else {
  if (fault === 'wrong-model')
    argv.splice(argv.indexOf('--served-model-name') + 1, argv.length, 'another-model');
  argv.splice(3, 0, '--allow-prompt-faults');
  process.on('SIGUSR2', hog);
  process.on('SIGUSR1', () => process.exit(0));
  await import('/opt/resultity-node/dist/cli/main.js');
}

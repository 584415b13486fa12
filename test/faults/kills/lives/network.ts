// The reference network in a process of its own, to be killed.
import { appendFileSync, writeSync } from 'node:fs';
import { pino } from 'pino';
import { startNetwork } from '../../../../src/network/main/start-network.js';
import { keepCode } from '../../programs/keep-code.js';

const [dataDir = '', port = '0', publicOrigin = '', logFile = ''] = process.argv.slice(2);
const logger = pino({ level: 'debug' }, { write: (line) => appendFileSync(logFile, line) });
const live = async (): Promise<void> => {
  const network = await startNetwork(
    { dataDir, port: Number(port), publicOrigins: [publicOrigin] },
    { logger },
  );
  writeSync(1, `${JSON.stringify({ url: network.url, genesis: network.genesis })}\n`);
  process.on('SIGTERM', () => void network.close());
  keepCode();
};
void live();

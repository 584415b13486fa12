// A real node in a process of its own that can be told where to die.
import { appendFileSync } from 'node:fs';
import { config as configureZod } from 'zod';
import { loadConfig } from '../../../../src/config.js';
import { keepCode } from '../../programs/keep-code.js';
import { type KillOrder, lifeOrder } from '../kill-order.js';
import { createDeath, type Death, say } from './die.js';
import { watchFiles } from './watch-files.js';
import { watchStates } from './watch-states.js';

// A life is too short for compiled schemas to pay.
configureZod({ jitless: true });
const order = lifeOrder.parse(JSON.parse(process.argv[2] ?? ''));
const { dataDir, networkUrl, engineUrl, passphraseFile, logFile, spawnedMs } = order;

const deathOf = (kill: KillOrder | null): Death | undefined => {
  if (kill === null) return undefined;
  const death = createDeath(kill);
  if (kill.step.at === 'disk') watchFiles(dataDir, kill.step, death.arrive);
  return death;
};

const death = deathOf(order.kill);
const step = order.kill?.step;
const inspect =
  death !== undefined && step?.at === 'state'
    ? watchStates(step.machine, step.state, death.arrive)
    : undefined;

const { config } = loadConfig({
  flags: {
    dataDir,
    networkUrl,
    passphraseFile,
    logLevel: 'debug',
    logFormat: 'json',
    runtimeDriver: 'external',
    runtimeEngine: 'simulator',
    runtimeUrl: engineUrl,
    // Its one file is none of the node's state, and a port of its own would be one more thing to fail.
    console: false,
  },
  environment: {},
});
const live = async (): Promise<void> => {
  // Only now: the node's files keep what they import, and it has to be what is watched.
  const { startDaemon } = await import('../../../../src/main.js');
  const daemon = await startDaemon(
    config,
    { write: (line) => appendFileSync(logFile, line) },
    inspect === undefined ? {} : { inspect },
  );
  let isReady = false;
  let isDue = false;
  const look = (): void => {
    isDue = false;
    if (isReady) return;
    const { idleReason, models } = daemon.view.status();
    const serves =
      idleReason === null && models.length > 0 && models.every(({ state }) => state === 'active');
    if (!serves) return;
    isReady = true;
    say({ word: 'ready', tookMs: Date.now() - spawnedMs });
    keepCode();
    death?.ready();
  };
  // Once for all changes of a turn: a look measures the journal.
  daemon.view.onChange(() => {
    if (!isDue) setImmediate(look);
    isDue = true;
  });
  look();
  process.on('SIGTERM', () => daemon.stop());
  const failure = await daemon.ended;
  say({ word: 'ended', code: failure?.code ?? null });
};
void live();

// `npm run demo`: the built binary's demo. For a real engine it first prepares image and model from the registries, and
// brings up a Docker Engine of its own where none listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const BINARY = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const DEFAULT_SOCKET = '/var/run/docker.sock';

const runDemo = async (args: readonly string[]): Promise<number> => {
  const child = spawn(process.execPath, [BINARY, 'demo', ...args], { stdio: 'inherit' });
  // Ctrl-C reaches the demo as well, which ends in order; this process waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'close');
  return typeof code === 'number' ? code : 1;
};

const { values } = parseArgs({
  strict: false,
  options: {
    engine: { type: 'string' },
    image: { type: 'string' },
    help: { type: 'boolean' },
    'container-socket': { type: 'string' },
  },
});
const args = process.argv.slice(2);
const isPrepared = values.engine !== 'vllm-cpu' || values.image !== undefined || values.help === true;

if (isPrepared) {
  process.exitCode = await runDemo(args);
} else {
  const { answersPing } = await import('./answers-ping.js');
  const { startTestEngine } = await import('../../test/docker/engine/test-engine.js');
  const named = typeof values['container-socket'] === 'string' ? values['container-socket'] : undefined;
  const isRunning = named !== undefined || (await answersPing(DEFAULT_SOCKET));
  const own = isRunning ? undefined : await startTestEngine();
  const socket = own?.socketPath ?? named ?? DEFAULT_SOCKET;
  try {
    const { prepareVllm } = await import('../../test/vllm/prepare.js');
    const { imageId, modelDirectory } = await prepareVllm({ engineSocket: socket });
    const prepared = ['--image', imageId, '--model-directory', modelDirectory, '--container-socket', socket];
    process.exitCode = await runDemo([...args, ...prepared]);
  } finally {
    await own?.remove();
  }
}

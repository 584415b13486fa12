// An engine that somebody else runs: the Agent checks the address and lets the engine alone.
import { lstat, realpath } from 'node:fs/promises';
import type { EngineAddress } from '../engine/engine-client.js';
import type { RuntimeDriver } from './runtime-driver.js';
import { RuntimeStartError } from './runtime-errors.js';

/** @param address as configured: `http://host:8000`, `https://…`, `unix:/path/to.sock` or a plain absolute path */
export const createExternalDriver = (address: string): RuntimeDriver => ({
  kind: 'external',

  async prepare() {},

  async reconcile() {},

  async start(_spec, _handlers, signal) {
    signal.throwIfAborted();
    const path = address.startsWith('unix:') ? address.slice('unix:'.length) : address;
    const found = path.startsWith('/') ? await unixAddress(path) : tcpAddress(address);
    return { address: found, adopted: false };
  },

  async stop() {},

  tail: async () => '',
});

const refuse = (what: string, advice: string, cause?: unknown): RuntimeStartError =>
  new RuntimeStartError(`the engine's address ${what}`, {
    advice,
    details: { reason: 'address' },
    ...(cause !== undefined && { cause }),
  });

const tcpAddress = (text: string): EngineAddress => {
  const advice = 'Give the engine as http://host:port or as unix:/absolute/path.sock.';
  if (!URL.canParse(text)) throw refuse('is not a URL', advice);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse('is neither http nor https', advice);
  if (url.username !== '' || url.password !== '') {
    throw refuse('holds a user name or password', "Set the engine's API key in its own setting instead.");
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw refuse('has a path', `Leave it out: ${url.origin} is enough, /v1 is added where it belongs.`);
  }
  return { kind: 'tcp', url: url.origin };
};

/** Links are followed once, here: the client refuses a link where the socket was. */
const unixAddress = async (path: string): Promise<EngineAddress> => {
  try {
    const real = await realpath(path);
    const file = await lstat(real);
    if (!file.isSocket())
      throw refuse('is not a socket', 'Give the path of the socket the engine listens on.');
    return { kind: 'unix', path: real, ownerUid: file.uid };
  } catch (error) {
    if (error instanceof RuntimeStartError) throw error;
    throw refuse('leads to no socket', 'Start the engine first, or correct the path.', error);
  }
};

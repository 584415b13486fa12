// A TCP proxy on loopback that makes the weather: put between two real programs, it delays, slices, cuts and spoils what
// they say to each other, the same way again from the same seed.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { seededRandom } from '../scale.js';
import { Pipe } from './pipe.js';
import type { Weather } from './weather.js';

/** `up`: from who dials to who listens. */
export type Direction = 'up' | 'down';

export interface FaultProxy {
  readonly port: number;
  /** Connections accepted so far, and cut by the weather. */
  readonly counts: { readonly accepted: number; readonly cut: number };
  readonly open: number;
  /** From now on, for open and new connections; what is not named is calm. */
  weather(change: Partial<Record<Direction, Weather>>): void;
  both(weather: Weather): void;
  calm(): void;
  /** Resets every connection. @returns how many */
  resetAll(): number;
  /** Refuses connections and resets the open ones, until told otherwise. */
  down(isDown: boolean): void;
  close(): Promise<void>;
}

/** @param name gives the seed its turn; @param target port on loopback, asked at every connection */
export const startFaultProxy = async (name: string, target: () => number, port = 0): Promise<FaultProxy> => {
  const random = seededRandom(name);
  const links = new Set<{ readonly ends: readonly [Socket, Socket]; readonly pipes: readonly Pipe[] }>();
  const now: Record<Direction, Weather> = { up: {}, down: {} };
  const counts = { accepted: 0, cut: 0 };
  let isDown = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    near.on('error', () => {}); // the pipe hears of it
    if (isDown) {
      near.resetAndDestroy();
      return;
    }
    counts.accepted++;
    const far = connect({ port: target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    far.on('error', () => {});
    const ends = [near, far] as const;
    const cut = (how: 'end' | 'reset'): void => {
      counts.cut++;
      for (const pipe of link.pipes) pipe.stop();
      for (const end of ends) how === 'reset' ? end.resetAndDestroy() : end.end().destroySoon();
    };
    const link = {
      ends,
      pipes: [
        new Pipe({ from: near, to: far, weather: () => now.up, random, cut }),
        new Pipe({ from: far, to: near, weather: () => now.down, random, cut }),
      ],
    };
    links.add(link);
    const forget = (): void => {
      if (near.destroyed && far.destroyed) links.delete(link);
    };
    for (const end of ends) end.on('close', forget);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  const change = (up: Weather, down: Weather): void => {
    Object.assign(now, { up, down });
    for (const { pipes } of links) for (const pipe of pipes) pipe.changed();
  };
  const resetAll = (): number => {
    const open = [...links];
    for (const { ends, pipes } of open) {
      for (const pipe of pipes) pipe.stop();
      for (const end of ends) end.resetAndDestroy();
    }
    return open.length;
  };
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    get open() {
      return links.size;
    },
    weather: ({ up = {}, down = {} }) => change(up, down),
    both: (weather) => change(weather, weather),
    calm: () => change({}, {}),
    resetAll,
    down: (toBe) => {
      isDown = toBe;
      if (toBe) resetAll();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
  };
};

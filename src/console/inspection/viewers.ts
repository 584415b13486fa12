// Those who look at the statecharts from outside, in whatever protocol: each is told of an actor once, then of its events
// and states. Who reads too slowly misses some, and is brought up to date when there is room again; nobody waits for one.
import type { ActorListener, ActorState, ActorWatch, WatchedActor } from './watch-actors.js';

/** What a protocol says. */
export interface Dialect {
  began(actor: WatchedActor, state: ActorState): string;
  received(actor: WatchedActor, from: string | null, type: string): string;
  moved(actor: WatchedActor, state: ActorState): string;
  /** Undefined where the protocol has no word for it. */
  ended(session: string): string | undefined;
}

/** The way to one viewer. */
export interface ViewerPort {
  /** @param sent called once the text has left the process, or never */
  send(text: string, sent: () => void): void;
  bufferedBytes(): number;
}

export interface Viewer {
  /** Messages it missed for being slow. */
  readonly missed: number;
  leave(): void;
}

export interface Viewers {
  /** Tells the viewer of every actor that lives, and from then on what happens. */
  attach(port: ViewerPort): Viewer;
}

interface Seat {
  say(session: string, text: string): void;
  begin(session: string, text: string): void;
  end(session: string, text: string | undefined): void;
}

/** @param maxBufferedBytes what may wait for one viewer before it starts to miss messages */
export const createViewers = (watch: ActorWatch, dialect: Dialect, maxBufferedBytes: number): Viewers => {
  const seats = new Set<Seat>();
  let unlisten = (): void => undefined;

  // Each message is written once, however many look on.
  const listener: ActorListener = {
    began: (actor, state) => {
      const text = dialect.began(actor, state);
      for (const seat of seats) seat.begin(actor.session, text);
    },
    received: (actor, from, type) => {
      const text = dialect.received(actor, from, type);
      for (const seat of seats) seat.say(actor.session, text);
    },
    moved: (actor, state) => {
      const text = dialect.moved(actor, state);
      for (const seat of seats) seat.say(actor.session, text);
    },
    ended: ({ session }) => {
      const text = dialect.ended(session);
      for (const seat of seats) seat.end(session, text);
    },
  };

  return {
    attach: (port) => {
      /** Sessions the viewer was told of and not told the end of. */
      const known = new Set<string>();
      let isBehind = false;
      let missed = 0;

      const hasRoom = (): boolean => port.bufferedBytes() <= maxBufferedBytes;
      const sent = (): void => {
        if (isBehind && seats.has(seat) && port.bufferedBytes() <= maxBufferedBytes / 2) catchUp();
      };
      const say = (text: string): boolean => {
        if (!isBehind && hasRoom()) {
          port.send(text, sent);
          return true;
        }
        isBehind = true;
        missed++;
        return false;
      };
      const seat: Seat = {
        say: (session, text) => {
          if (known.has(session) || isBehind) say(text);
        },
        begin: (session, text) => {
          if (say(text)) known.add(session);
        },
        end: (session, text) => {
          if (!known.has(session)) return;
          if (text === undefined || say(text)) known.delete(session);
        },
      };

      const catchUp = (): void => {
        isBehind = false;
        const living = watch.living();
        const sessions = new Set(living.map(({ actor }) => actor.session));
        for (const session of [...known])
          if (!sessions.has(session)) seat.end(session, dialect.ended(session));
        for (const { actor, state } of living) {
          if (!hasRoom()) {
            isBehind = true;
            return;
          }
          if (known.has(actor.session)) seat.say(actor.session, dialect.moved(actor, state));
          else seat.begin(actor.session, dialect.began(actor, state));
        }
      };

      if (seats.size === 0) unlisten = watch.listen(listener);
      seats.add(seat);
      catchUp();
      return {
        get missed() {
          return missed;
        },
        leave: () => {
          seats.delete(seat);
          if (seats.size === 0) unlisten();
        },
      };
    },
  };
};

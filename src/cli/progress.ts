// One line that says what is being waited for, on a terminal only; gone when the work is done.
import type { CommandIo } from './output.js';

export interface Progress {
  say(text: string): void;
  end(): void;
}

const FRAMES = ['|', '/', '-', '\\'] as const;
const EVERY_MS = 120;
const WIDTH = 79;
const CLEAR = '\r\u001b[K';

/** @param isWanted false where a program reads the output */
export const showProgress = (io: CommandIo, isWanted: boolean): Progress => {
  if (!isWanted || !io.isTTY || io.env.TERM === 'dumb') return { say: () => {}, end: () => {} };
  let text = '';
  let turn = 0;
  const draw = (): void => {
    turn += 1;
    const line = `${FRAMES[turn % FRAMES.length]} ${text}`;
    io.stderr.write(`${CLEAR}${line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line}`);
  };
  const timer = setInterval(draw, EVERY_MS);
  return {
    say: (next) => {
      text = next;
    },
    end: () => {
      clearInterval(timer);
      io.stderr.write(CLEAR);
    },
  };
};

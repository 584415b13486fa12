// What an engine writes to stdout and stderr: one debug line each, made harmless for a terminal and bounded in
// length and number, and the last 4 KiB for the report of its end.
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Logger } from 'pino';

const MAX_LINE_CHARS = 2048;
const TAIL_BYTES = 4096;
/** An engine that floods its log costs this many lines a second and no more; the tail is kept all the same. */
const MAX_LINES_PER_SECOND = 200;

export interface OutputCapture {
  follow(stream: Readable, name: 'stdout' | 'stderr'): void;
  /** The last lines, at most 4 KiB in UTF-8, unfinished ones included. */
  tail(): string;
}

/** @param now milliseconds from a monotonic clock */
export const captureOutput = (logger: Logger, now: () => number = () => performance.now()): OutputCapture => {
  let kept = '';
  const unfinished = new Map<string, string>();
  let secondBegan = now();
  let linesThisSecond = 0;

  const keep = (line: string): void => {
    kept = lastBytes(kept === '' ? line : `${kept}\n${line}`, TAIL_BYTES);
  };

  const log = (stream: string, line: string): void => {
    if (now() - secondBegan >= 1000) {
      const dropped = linesThisSecond - MAX_LINES_PER_SECOND;
      if (dropped > 0)
        logger.debug({ event: 'runtime.output.dropped', lines: dropped }, 'engine output dropped');
      secondBegan = now();
      linesThisSecond = 0;
    }
    if (++linesThisSecond <= MAX_LINES_PER_SECOND)
      logger.debug({ event: 'runtime.output', stream, line }, 'engine');
  };

  return {
    follow(stream, name) {
      const decoder = new StringDecoder('utf8');
      const take = (text: string, last: boolean): void => {
        const lines = ((unfinished.get(name) ?? '') + text).split(/\r?\n/);
        // What exceeds a line's length is dropped at once: a line without end must not fill the memory.
        const rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS + 1);
        unfinished.set(name, last ? '' : rest);
        for (const line of last && rest !== '' ? [...lines, rest] : lines) {
          if (line === '') continue;
          const harmless = printable(line);
          keep(harmless);
          log(name, harmless);
        }
      };
      stream.on('data', (bytes: Buffer) => take(decoder.write(bytes), false));
      stream.on('end', () => take(decoder.end(), true));
      stream.on('error', () => {}); // the pipe of a process that is gone
    },

    tail() {
      const open = [...unfinished.values()].filter((line) => line !== '').map(printable);
      return lastBytes([kept, ...open].filter((part) => part !== '').join('\n'), TAIL_BYTES);
    },
  };
};

/** The last of these lines, harmless and at most 4 KiB in UTF-8. */
export const tailOf = (lines: readonly string[]): string =>
  lastBytes(lines.map(printable).join('\n'), TAIL_BYTES);

/** Control characters, and the ones that reorder or break text, as escapes; cut to a line's length. */
export const printable = (line: string): string => {
  const cut = line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line;
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
};

/** The end of a text, never beginning in the middle of a character. */
const lastBytes = (text: string, bytes: number): string => {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let from = encoded.length - bytes;
  while (((encoded[from] ?? 0) & 0xc0) === 0x80) from++; // not in the middle of a character
  return encoded.toString('utf8', from);
};

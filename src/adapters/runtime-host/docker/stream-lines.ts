// Lines of a stream of the Docker Engine: pulls and events are JSON, one object a line.
import type { Readable } from 'node:stream';
import { engineUnavailable } from './docker-errors.js';

export type Pieces = AsyncIterable<Uint8Array | string>;

const LONGEST_LINE = 1024 * 1024; // characters; an engine's lines have some hundreds

/**
 * Lines without their ends, empty ones left out, whatever the pieces; a character cut in two is put together.
 * @throws EngineUnavailableError `lost` for a line without an end; whatever the stream throws
 */
export async function* linesOf(pieces: Pieces): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw engineUnavailable('lost', 'a line of the engine has no end');
    yield* lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  if (rest.trim() !== '') yield rest.trim();
}

/**
 * The pieces of a stream until it ends or is left, and then it is destroyed.
 * @param silenceMs how long nothing may come; undefined where quiet is normal
 * @throws the reason of `signal`; EngineUnavailableError `hung` after too long a silence; whatever the stream throws
 */
export async function* piecesOf(
  stream: Readable,
  signal: AbortSignal,
  silenceMs: number | undefined,
): AsyncGenerator<Uint8Array | string> {
  const leave = (): void => void stream.destroy(asError(signal.reason));
  const silent = (): void =>
    void stream.destroy(engineUnavailable('hung', `no news for ${String(silenceMs)} ms`));
  const timer = silenceMs === undefined ? undefined : setTimeout(silent, silenceMs);
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) leave();
    for await (const piece of stream) {
      timer?.refresh();
      yield piece;
    }
  } catch (caught) {
    throw signal.aborted ? signal.reason : caught;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

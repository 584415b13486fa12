// Model files over HTTP: the only file of this room that imports undici. Resumes only what the source still
// identifies by the same validator, follows few redirects, and never decodes.
import { Agent, errors, request } from 'undici';
import {
  type FetchedFile,
  type ModelFetcher,
  type ResumePoint,
  SourceError,
  type Validator,
} from './model-fetcher.js';

export interface HttpFetcherOptions {
  /** Milliseconds to connect. Default 10,000. */
  readonly connectMs?: number;
  /** Milliseconds without a byte, before and within the answer. Default 30,000. */
  readonly idleMs?: number;
}

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

type Answer = Awaited<ReturnType<typeof request>>;

export const createHttpFetcher = (options: HttpFetcherOptions = {}): ModelFetcher => {
  const idleMs = options.idleMs ?? 30_000;
  const dispatcher = new Agent({
    connect: { timeout: options.connectMs ?? 10_000 },
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
    maxHeaderSize: 16 * 1024,
    pipelining: 1,
  });

  const ask = async (url: URL, resume: ResumePoint | undefined, signal: AbortSignal): Promise<Answer> => {
    const headers = { 'accept-encoding': 'identity', ...(resume === undefined ? {} : rangeHeaders(resume)) };
    let at = url;
    for (let redirects = 0; ; redirects++) {
      const answer = await request(at, { method: 'GET', headers, signal, dispatcher });
      if (!REDIRECTS.has(answer.statusCode)) return answer;
      discard(answer);
      if (redirects === MAX_REDIRECTS)
        throw new SourceError('redirect', `more than ${MAX_REDIRECTS} redirects`);
      at = redirectTarget(at, one(answer.headers.location));
    }
  };

  return {
    async open(url, sizeBytes, resume, signal) {
      try {
        const answer = await ask(url, resume, signal);
        try {
          return readAnswer(answer, sizeBytes, resume);
        } catch (error) {
          discard(answer);
          throw error;
        }
      } catch (error) {
        throw translated(error, signal);
      }

      function readAnswer(answer: Answer, size: number, asked: ResumePoint | undefined): FetchedFile {
        const validator = validatorOf(answer);
        const start = startOf(answer, size, asked, validator);
        if (one(answer.headers['content-encoding']) !== undefined) {
          throw new SourceError('encoded', 'the source sends the file encoded');
        }
        const length = one(answer.headers['content-length']);
        if (length !== undefined && Number(length) !== size - start) {
          throw new SourceError('wrong_length', `the source announces ${length} bytes, not ${size - start}`);
        }
        return { start, validator, bytes: bytesOf(answer, signal) };
      }
    },
  };
};

const rangeHeaders = ({ offset, validator }: ResumePoint): Record<string, string> => {
  const condition = validator.etag ?? validator.lastModified;
  return condition === undefined ? {} : { range: `bytes=${offset}-`, 'if-range': condition };
};

const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const redirectTarget = (from: URL, location: string | undefined): URL => {
  const base = from.href;
  const target = location !== undefined && URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol)) {
    throw new SourceError('redirect', 'a redirect to something that is not http(s)');
  }
  return target;
};

const validatorOf = (answer: Answer): Validator | undefined => {
  const etag = one(answer.headers.etag);
  const lastModified = one(answer.headers['last-modified']);
  // A weak ETag promises no equal bytes (RFC 9110 section 8.8.1).
  if (etag !== undefined && /^"[\x21\x23-\x7e]{0,256}"$/.test(etag)) return { etag };
  if (etag === undefined && lastModified !== undefined && lastModified.length < 64) return { lastModified };
  return undefined;
};

/** Where the answer's first byte belongs. */
const startOf = (
  { statusCode, headers }: Answer,
  sizeBytes: number,
  resume: ResumePoint | undefined,
  validator: Validator | undefined,
): number => {
  if (statusCode === 200) return 0;
  if (statusCode !== 206 || resume === undefined) {
    throw new SourceError('refused', `the source answered with status ${statusCode}`);
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(one(headers['content-range']) ?? '');
  const wanted = [resume.offset, sizeBytes - 1, sizeBytes];
  if (range === null || wanted.some((number, at) => Number(range[at + 1]) !== number)) {
    throw new SourceError('wrong_length', 'the source sends another range than was asked for');
  }
  const same =
    validator !== undefined &&
    validator.etag === resume.validator.etag &&
    validator.lastModified === resume.validator.lastModified;
  if (!same) throw new SourceError('refused', 'the source sends a range of other content');
  return resume.offset;
};

async function* bytesOf({ body }: Answer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw translated(error, signal);
  } finally {
    body.on('error', () => {}).destroy();
  }
}

const discard = ({ body }: Answer): void => void body.on('error', () => {}).destroy();

const translated = (error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted) return signal.reason;
  if (error instanceof SourceError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const options = { cause: error };
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new SourceError('stalled', 'the source sent nothing for too long', options);
  }
  if (
    code === 'UND_ERR_SOCKET' ||
    code === 'ECONNRESET' ||
    error instanceof errors.ResponseContentLengthMismatchError
  ) {
    return new SourceError('cut', `the source broke off (${code})`, options);
  }
  return new SourceError('unreachable', `the source cannot be reached (${code})`, options);
};

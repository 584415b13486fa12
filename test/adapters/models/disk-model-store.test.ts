// The store against sources that fail in every way we know, over a real file system and real sockets.
import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createModelStore, type ModelStoreOptions } from '../../../src/adapters/models/disk-model-store.js';
import { createHttpFetcher } from '../../../src/adapters/models/http-fetcher.js';
import type { DownloadProgress } from '../../../src/adapters/models/model-store.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { type ModelFile, manifestDigest } from '../../../src/protocol/model-manifest.js';
import { type Behaviour, type FileServer, sendSome, serve, startFileServer } from './misbehaving-server.js';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) % 256));
const OTHER = Buffer.from(BYTES).reverse();

let server: FileServer;
let dir: string;
let paths = 0;
beforeAll(async () => {
  server = await startFileServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'models-'));
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', dir]);
  return rm(dir, { recursive: true });
});

const never = new AbortController().signal;
const store = (options: Partial<ModelStoreOptions> = {}) =>
  createModelStore({
    dir: join(dir, 'models'),
    reserveBytes: 0,
    fetcher: createHttpFetcher({ idleMs: 250 }),
    ...options,
  });
const at = (behaviour: Behaviour): string => server.on(`/file-${paths++}`, behaviour);
/** Reports every write, and waits for a source until the test cuts it. */
const LIVELY = { progressEveryMs: 0, fetcher: createHttpFetcher() };
const file = (sources: string[], path = 'model.gguf', bytes = BYTES): ModelFile => ({
  path,
  size_bytes: bytes.length,
  sha256: digestOf(bytes),
  sources,
});
const model = (...files: ModelFile[]) => ({ files, digest: manifestDigest(files) });
const hex = (digest: string): string => digest.slice('sha256:'.length);
const rangesOf = (url: string): readonly (string | undefined)[] =>
  server.seen.filter(({ path }) => url.endsWith(path)).map(({ range }) => range);

/** Downloads from a source that breaks off once the store has what it sent. */
const downloadCut = async (
  models: ReturnType<typeof store>,
  { files, digest }: ReturnType<typeof model>,
  sent: number,
): Promise<unknown> =>
  models
    .download(digest, files, ({ doneBytes }) => void (doneBytes === sent && server.cut()), never)
    .catch((error: unknown) => error);

/** Downloads, verifies, and returns what is installed. */
const install = async (models: ReturnType<typeof store>, { files, digest }: ReturnType<typeof model>) => {
  await models.download(digest, files, () => {}, never);
  await models.verify(digest, files, never);
  return models.pathOf(digest) ?? '';
};

describe('a model store', () => {
  test('fetches, verifies and activates a model read-only, under its digest', async () => {
    const config = Buffer.from('{"model_type":"llama"}');
    const wanted = model(
      file([at(serve(config))], 'inner/config.json', config),
      file([at(serve(BYTES))], 'model.gguf'),
    );
    const models = store();
    expect(models.pathOf(wanted.digest)).toBeUndefined();
    const path = await install(models, wanted);
    expect(path).toBe(join(dir, 'models', hex(wanted.digest)));
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
    expect(digestOf(await readFile(join(path, 'inner/config.json')))).toBe(digestOf(config));
    const modes = await Promise.all(
      ['', 'inner', 'inner/config.json', 'model.gguf'].map(
        async (name) => (await stat(join(path, name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o555, 0o555, 0o444, 0o444]);
    expect(await models.installed()).toEqual([wanted.digest]);
    expect(await readdir(join(dir, 'models', '.incoming'))).toEqual([]);
    await models.verify(wanted.digest, wanted.files, never);

    await models.remove(wanted.digest);
    expect(models.pathOf(wanted.digest)).toBeUndefined();
    expect(await readdir(join(dir, 'models', '.incoming'))).toEqual([]);
  });

  test('copies a file of this machine, and refuses a folder, a pipe and another size', async () => {
    const path = join(dir, 'own.gguf');
    await writeFile(path, BYTES);
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    await writeFile(join(dir, 'short'), 'x');
    const sources = ['pipe', '.', 'short', 'missing', 'own.gguf'].map(
      (name) => pathToFileURL(join(dir, name)).href,
    );
    const installed = await install(store(), model(file(sources)));
    expect(digestOf(await readFile(join(installed, 'model.gguf')))).toBe(digestOf(BYTES));
    expect((await stat(path)).nlink).toBe(1);
    const bad = model(file(sources.slice(0, 4)));
    await expect(
      store({ dir: join(dir, 'b') }).download(bad.digest, bad.files, () => {}, never),
    ).rejects.toMatchObject({
      code: 'MODEL_DOWNLOAD',
      details: {
        attempts: ['not_a_file', 'not_a_file', 'wrong_length', 'unreachable'].map((fault) =>
          expect.objectContaining({ source: 'file:', fault }),
        ),
      },
    });
  });

  test('resumes a cut download where the validator is the same', async () => {
    const source = at((request, response, visit) =>
      (visit === 1 ? sendSome(BYTES, 100_000, { etag: '"v1"' }) : serve(BYTES, '"v1"'))(
        request,
        response,
        visit,
      ),
    );
    const wanted = model(file([source]));
    const models = store(LIVELY);
    expect(await downloadCut(models, wanted, 100_000)).toMatchObject({
      details: { attempts: [{ source: server.origin, fault: 'cut' }] },
    });
    const path = await install(store(), wanted);
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
    expect(rangesOf(source)).toEqual([undefined, 'bytes=100000-']);
  });

  test.each([
    ['the content has changed', serve(BYTES, '"v2"')],
    ['the server ignores ranges', serve(BYTES)],
  ])('starts over when %s', async (_why, second) => {
    const source = at((request, response, visit) =>
      (visit === 1 ? sendSome(OTHER, 100_000, { etag: '"v1"' }) : second)(request, response, visit),
    );
    const wanted = model(file([source]));
    const models = store(LIVELY);
    await downloadCut(models, wanted, 100_000);
    const path = await install(models, wanted);
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
    expect(rangesOf(source)).toEqual([undefined, 'bytes=100000-']);
  });

  test.each([
    ['no validator', {}],
    ['a weak one', { etag: 'W/"v1"' }],
  ])('does not ask for a range with %s', async (_what, headers) => {
    const source = at((request, response, visit) =>
      (visit === 1 ? sendSome(BYTES, 100_000, headers as Record<string, string>) : serve(BYTES))(
        request,
        response,
        visit,
      ),
    );
    const wanted = model(file([source]));
    await downloadCut(store(LIVELY), wanted, 100_000);
    await install(store(), wanted);
    expect(rangesOf(source)).toEqual([undefined, undefined]);
  });

  test.each([
    [
      'sends a range of other content',
      (response: ServerResponse) =>
        response
          .writeHead(206, { etag: '"v2"', 'content-range': 'bytes 100000-299999/300000' })
          .end(OTHER.subarray(100_000)),
    ],
    ['refuses the range', (response: ServerResponse) => response.writeHead(416).end()],
    [
      'sends another range',
      (response: ServerResponse) =>
        response.writeHead(206, { etag: '"v1"', 'content-range': 'bytes 0-299999/300000' }).end(BYTES),
    ],
  ])('starts over at the same source when it %s', async (_what, answerRange) => {
    const source = at((request, response, visit) => {
      if (visit === 1) return sendSome(BYTES, 100_000, { etag: '"v1"' })(request, response, visit);
      if (visit === 2) return void answerRange(response);
      return serve(BYTES)(request, response, visit);
    });
    const wanted = model(file([source]));
    const models = store(LIVELY);
    await downloadCut(models, wanted, 100_000);
    const path = await install(models, wanted);
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
    expect(rangesOf(source)).toEqual([undefined, 'bytes=100000-', undefined]);
  });

  const faults: readonly [string, string, Behaviour][] = [
    ['answers 404', 'refused', (_, response) => void response.writeHead(404).end('no')],
    ['answers 500', 'refused', (_, response) => void response.writeHead(500).end('no')],
    ['announces another length', 'wrong_length', serve(BYTES.subarray(1))],
    [
      'sends one byte too many',
      'wrong_length',
      (_, response) => {
        response.write(BYTES);
        response.end('x');
      },
    ],
    [
      'never ends',
      'wrong_length',
      (_, response) => {
        const more = (): void => void (response.destroyed || response.write(OTHER, more));
        more();
      },
    ],
    [
      'sends too little',
      'cut',
      (_, response) => void response.writeHead(200).write(BYTES.subarray(1), () => response.end()),
    ],
    [
      'breaks off',
      'cut',
      (_, response) => {
        response.writeHead(200, { 'content-length': BYTES.length });
        response.write(BYTES.subarray(0, 9), () => response.destroy());
      },
    ],
    ['sends other bytes', 'wrong_bytes', serve(OTHER)],
    ['says nothing', 'stalled', () => {}],
    [
      'falls silent',
      'stalled',
      (_, response) =>
        void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 9)),
    ],
    [
      'sends it packed',
      'encoded',
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    ],
    [
      'redirects in a loop',
      'redirect',
      (request, response) => void response.writeHead(302, { location: request.url }).end(),
    ],
    [
      'redirects to a file',
      'redirect',
      (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    ['redirects nowhere', 'redirect', (_, response) => void response.writeHead(302).end()],
    ['answers a range nobody asked for', 'refused', (_, response) => void response.writeHead(206).end(BYTES)],
  ];
  test.each(faults)('gives up a source that %s', async (_what, fault, behaviour) => {
    const wanted = model(file([at(behaviour)]));
    const left = store().download(wanted.digest, wanted.files, () => {}, never);
    await expect(left).rejects.toMatchObject({
      code: 'MODEL_DOWNLOAD',
      retryable: true,
      details: { path: 'model.gguf', attempts: [{ source: server.origin, fault }] },
    });
  });

  test('tries sources in their order until one gives the file', async () => {
    const bad = faults.filter(([, fault]) => fault !== 'stalled').map(([, , behaviour]) => at(behaviour));
    const sources = [...bad.slice(0, 3), 'http://127.0.0.1:1/', ...bad.slice(5, 8), at(serve(BYTES))];
    const before = server.seen.length;
    const path = await install(store(), model(file(sources)));
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
    const asked = server.seen.slice(before).map((one) => `${server.origin}${one.path}`);
    expect(asked).toEqual(sources.filter((source) => source.startsWith(server.origin)));
  });

  test('follows three redirects', async () => {
    let source = at(serve(BYTES));
    for (let hop = 0; hop < 3; hop++) {
      const location = source;
      source = at((_, response) => void response.writeHead(302, { location }).end());
    }
    await expect(install(store(), model(file([source])))).resolves.toContain('models');
  });

  test('stops at once when aborted, and keeps what it has', async () => {
    const stop = new AbortController();
    const source = at((request, response, visit) => {
      if (visit > 1) return serve(BYTES, '"v1"')(request, response, visit);
      response
        .writeHead(200, { etag: '"v1"', 'content-length': BYTES.length })
        .write(BYTES.subarray(0, 50_000));
    });
    const wanted = model(file([source]));
    const models = store(LIVELY);
    const left = models.download(
      wanted.digest,
      wanted.files,
      ({ doneBytes }) => doneBytes === 50_000 && stop.abort(new Error('enough')),
      stop.signal,
    );
    await expect(left).rejects.toThrow('enough');
    await install(models, wanted);
    expect(rangesOf(source)).toEqual([undefined, 'bytes=50000-']);
  });

  test('checks the free space with the reserve before it writes', async () => {
    const source = at(serve(BYTES));
    const wanted = model(file([source]));
    const tight = store({ freeBytes: async () => BYTES.length + 9, reserveBytes: 10 });
    await expect(tight.download(wanted.digest, wanted.files, () => {}, never)).rejects.toMatchObject({
      code: 'DISK_FULL',
      retryable: true,
      details: { neededBytes: BYTES.length + 10, freeBytes: BYTES.length + 9 },
    });
    expect(rangesOf(source)).toEqual([]);
  });

  test('reports progress by the clock it is given, and always the end', async () => {
    const now = 0;
    const wanted = model(file([at(serve(BYTES))]));
    const seen: DownloadProgress[] = [];
    await store({ monotonicMs: () => now, progressEveryMs: 250 }).download(
      wanted.digest,
      wanted.files,
      (progress) => void seen.push(progress),
      never,
    );
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual({ doneBytes: BYTES.length, totalBytes: BYTES.length });
  });

  test('lets two callers share one download', async () => {
    const source = at(serve(BYTES));
    const wanted = model(file([source]));
    const models = store();
    await Promise.all([install(models, wanted), install(models, wanted)]);
    expect(rangesOf(source)).toHaveLength(1);
  });

  test('has nothing to do for a model without files', async () => {
    const digest = manifestDigest([]);
    await store().download(digest, [], () => {}, never);
    await store().verify(digest, [], never);
    expect(await store().installed()).toEqual([]);
  });
});

describe('verification', () => {
  const inQuarantine = (digest: string, name: string): string =>
    join(dir, 'models', '.incoming', hex(digest), 'files', name);

  const tampers: readonly [string, (folder: (name: string) => string) => Promise<unknown>][] = [
    ['changed bytes', (path) => writeFile(path('model.gguf'), OTHER)],
    ['a shorter file', (path) => writeFile(path('model.gguf'), 'x')],
    ['an extra file', (path) => writeFile(path('extra.py'), 'import os')],
    ['an extra folder', (path) => mkdir(path('extra/deep'), { recursive: true })],
    ['a missing file', (path) => rm(path('model.gguf'))],
    [
      'a symbolic link',
      async (path) => {
        await rm(path('model.gguf'));
        await writeFile(join(dir, 'aside'), BYTES);
        await symlink(join(dir, 'aside'), path('model.gguf'));
      },
    ],
    ['a hard link', (path) => link(path('model.gguf'), join(dir, 'second-name'))],
    [
      'a named pipe',
      async (path) => {
        await rm(path('model.gguf'));
        execFileSync('mkfifo', [path('model.gguf')]);
      },
    ],
    [
      'a linked folder',
      async (path) => {
        await mkdir(join(dir, 'elsewhere'));
        await symlink(join(dir, 'elsewhere'), path('linked'));
      },
    ],
  ];
  test.each(tampers)('refuses %s in quarantine, and the next download mends it', async (_what, tamper) => {
    const source = at(serve(BYTES));
    const wanted = model(file([source]));
    const models = store();
    await models.download(wanted.digest, wanted.files, () => {}, never);
    await tamper((name) => inQuarantine(wanted.digest, name));
    await expect(models.verify(wanted.digest, wanted.files, never)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
    });
    expect(models.pathOf(wanted.digest)).toBeUndefined();
    const path = await install(models, wanted);
    expect(await readdir(path)).toEqual(['model.gguf']);
    expect(digestOf(await readFile(join(path, 'model.gguf')))).toBe(digestOf(BYTES));
  });

  test('takes an installed model out of service when a file has changed, and keeps the good ones', async () => {
    const [first, second] = [at(serve(BYTES)), at(serve(OTHER))];
    const wanted = model(file([first], 'a.gguf'), file([second], 'inner/b.gguf', OTHER));
    const models = store();
    const path = await install(models, wanted);
    await chmod(join(path, 'a.gguf'), 0o600);
    await writeFile(join(path, 'a.gguf'), OTHER);
    await expect(models.verify(wanted.digest, wanted.files, never)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      details: { bad: ['"a.gguf"'], missing: [] },
    });
    expect(models.pathOf(wanted.digest)).toBeUndefined();
    await install(models, wanted);
    expect(rangesOf(first)).toHaveLength(2);
    expect(rangesOf(second)).toHaveLength(1);
  });

  test.each([
    ['names code', '{"nested":{"auto_\\u006dap":{"AutoModel":"evil.Model"}}}'],
    ['is not JSON', '{'],
    ['is deeper than an engine needs', '['.repeat(100)],
  ])('refuses for good a configuration that %s', async (_what, text) => {
    const bytes = Buffer.from(text);
    const wanted = model(file([at(serve(bytes))], 'tokenizer_config.json', bytes));
    const models = store();
    await expect(install(models, wanted)).rejects.toMatchObject({ code: 'MODEL_REFUSED', retryable: false });
    expect(models.pathOf(wanted.digest)).toBeUndefined();
    expect(await readdir(join(dir, 'models', '.incoming'))).toEqual([]);
  });

  test.each([
    '../out.gguf',
    '/etc/passwd',
    'a/../../b.gguf',
    './a.gguf',
    'a//b.gguf',
    'a\\b.gguf',
    'nul\0.gguf',
    '.hidden',
    'model.py',
    'weights.PKL',
    'weights.bin',
    'x'.repeat(300),
    'a/b/c/d/e/f/g/h/i.gguf',
    'caf\u00e9.gguf',
  ])('refuses the file name %j before anything is fetched', async (path) => {
    const source = at(serve(BYTES));
    const wanted = model(file([source], path));
    await expect(store().download(wanted.digest, wanted.files, () => {}, never)).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
    });
    expect(await readdir(dir)).toEqual([]);
    expect(rangesOf(source)).toEqual([]);
  });

  test('refuses manifests whose names would meet, that are unsorted, or belong to another digest', async () => {
    const source = ['http://127.0.0.1:1/'];
    const hostile = [
      model(file(source, 'A.gguf'), file(source, 'a.gguf')),
      model(file(source, 'a'), file(source, 'a/b.gguf')),
      model(file(source, 'b.gguf'), file(source, 'a.gguf')),
      model(file(source, 'a.gguf'), file(source, 'a.gguf')),
      { ...model(file(source)), digest: digestOf('another') },
      { ...model(file(source)), digest: '../../outside' },
      model({ ...file(source), sources: ['ftp://127.0.0.1/'] }),
      model({ ...file(source), size_bytes: 2 ** 53 }),
    ];
    for (const { files, digest } of hostile) {
      const refused = { code: 'MODEL_REFUSED', retryable: false };
      await expect(store().download(digest, files, () => {}, never)).rejects.toMatchObject(refused);
      await expect(store().verify(digest, files, never)).rejects.toMatchObject(refused);
    }
    expect(() => store().pathOf('../../etc')).toThrow('no valid digest');
  });
});

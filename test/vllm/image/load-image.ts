// Brings the packed tree into a Docker Engine as an image, through the engine's own socket; finds it there again.
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { PreparationStepError, type Progress, timed } from '../run-step.js';

const CONTENT_LABEL = 'io.resultity.content';
const STEP = 'load the vLLM image';

/**
 * What CPUs need is part of the image, so that it starts like any other vLLM image. Not TORCHDYNAMO_DISABLE: without
 * it a request for logprobs wants a compiler and kills the engine, which some tests are about.
 */
const changes = (hash: string): readonly string[] => [
  'ENV PATH=/usr/local/bin:/opt/vllm/bin:/usr/bin:/bin',
  'ENV VLLM_CPU_OMP_THREADS_BIND=nobind', // binding wants capabilities that a sealed container has not
  'ENV VLLM_CPU_KVCACHE_SPACE=1', // GiB
  'ENV PYTHONDONTWRITEBYTECODE=1',
  'USER 2000:0',
  'WORKDIR /home/vllm',
  'ENTRYPOINT ["vllm","serve"]',
  'LABEL io.resultity.test=vllm-cpu',
  `LABEL ${CONTENT_LABEL}=${hash}`,
];

const ask = (socketPath: string, method: string, path: string, bodyFile?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new PreparationStepError(STEP, cause instanceof Error ? cause.message : String(cause), {
          cause,
          advice: `Check that a Docker Engine listens on ${socketPath} and that its disk has 3 GB free.`,
        }),
      );
    const headers = bodyFile === undefined ? {} : { 'content-type': 'application/x-tar' };
    const outgoing = request({ socketPath, method, path, headers }, (response) => {
      text(response).then((body) => {
        if ((response.statusCode ?? 500) < 300) resolve(body);
        else fail(new Error(`the engine answered ${response.statusCode}: ${body}`));
      }, fail);
    });
    outgoing.on('error', fail);
    if (bodyFile === undefined) outgoing.end();
    else pipeline(createReadStream(bodyFile, { highWaterMark: 1024 * 1024 }), outgoing).catch(fail);
  });

const imageList = z.array(z.object({ Id: z.string().startsWith('sha256:') }));

const findImage = async (socketPath: string, hash: string): Promise<string | undefined> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${CONTENT_LABEL}=${hash}`] }));
  const body = await ask(socketPath, 'GET', `/images/json?filters=${filters}`);
  return imageList.parse(JSON.parse(body))[0]?.Id;
};

/**
 * @param rootTar where the packed tree is; only asked for if the engine has not the image yet
 * @returns the image's id in this engine: every import gives another one
 */
export const loadImage = async (
  socketPath: string,
  hash: string,
  rootTar: () => Promise<string>,
  progress: Progress,
): Promise<string> => {
  const present = await findImage(socketPath, hash);
  if (present !== undefined) return present;
  const tar = await rootTar();
  return timed(STEP, progress, async () => {
    const query = new URLSearchParams({
      fromSrc: '-',
      repo: 'resultity-test/vllm-cpu',
      tag: hash.slice(0, 16),
    });
    for (const change of changes(hash)) query.append('changes', change);
    const answer = await ask(socketPath, 'POST', `/images/create?${query}`, tar);
    const loaded = await findImage(socketPath, hash); // a failure after the status line is only a line in the answer
    if (loaded === undefined) throw new PreparationStepError(STEP, 'the import failed', { output: answer });
    return loaded;
  });
};

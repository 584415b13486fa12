// Images for registries: as many layers as a test needs, none of which any engine has seen before.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { z } from 'zod';

export interface LayeredImage {
  /** How many layers are laid on top. */
  readonly layers: number;
  /** Of each; bytes that no compression makes fewer. */
  readonly layerBytes: number;
  /** The image below, as this engine knows it; default: nothing. */
  readonly base?: string;
}

const told = z.object({
  errorDetail: z.object({ message: z.string() }).optional(),
  aux: z.object({ Digest: z.string().optional() }).optional(),
});

/** Reads an engine's news to their end. @throws Error as they tell it */
const newsOf = async (stream: NodeJS.ReadableStream): Promise<readonly z.infer<typeof told>[]> => {
  const lines = (await text(stream as AsyncIterable<Uint8Array>)).split('\n').filter((line) => line.trim());
  const news = lines.map((line) => told.parse(JSON.parse(line)));
  const failure = news.find(({ errorDetail }) => errorDetail !== undefined);
  if (failure?.errorDetail !== undefined) throw new Error(failure.errorDetail.message);
  return news;
};

const buildImage = async (docker: Docker, reference: string, image: LayeredImage): Promise<void> => {
  const context = await mkdtemp(join(tmpdir(), 'rn-layers-'));
  try {
    const names = Array.from({ length: image.layers }, (_, index) => `layer-${index + 1}`);
    for (const name of names) await writeFile(join(context, name), randomBytes(image.layerBytes));
    const dockerfile = [
      `FROM ${image.base ?? 'scratch'}`,
      ...names.map((name) => `COPY ${name} /layers/${name}`),
    ];
    await writeFile(join(context, 'Dockerfile'), `${dockerfile.join('\n')}\n`);
    await newsOf(
      await docker.buildImage({ context, src: ['Dockerfile', ...names] }, { t: reference, nocache: true }),
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
};

/**
 * Puts a new image into a registry; the engine that made it forgets it.
 * @param repository `127.0.0.1:port/name`
 * @returns the digest by which the registry has it, `sha256:…`
 */
export const publishImage = async (
  docker: Docker,
  repository: string,
  image: LayeredImage,
  login: object = {},
): Promise<string> => {
  const reference = `${repository}:latest`;
  await buildImage(docker, reference, image);
  const made = docker.getImage(reference);
  try {
    const news = await newsOf(await made.push({ tag: 'latest', authconfig: login }));
    const digest = news.map(({ aux }) => aux?.Digest).find((found) => found !== undefined);
    if (digest === undefined) throw new Error(`the push of ${reference} told no digest`);
    return digest;
  } finally {
    await made.remove({ force: true });
  }
};

// What a container of the hostile image says, for tests that wait for it.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';

const followed = async (container: Docker.Container, out: PassThrough, err: PassThrough) => {
  const stream = await container.logs({ stdout: true, stderr: true, follow: true });
  container.modem.demuxStream(stream, out, err);
  stream.on('end', () => {
    out.end();
    err.end();
  });
};

/**
 * All of it, once it has ended.
 * @throws Error with a traceback, if there is one
 */
export const wholeOutput = async (container: Docker.Container): Promise<readonly string[]> => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const told = Promise.all([text(out), text(err)]);
  await followed(container, out, err);
  const [lines, complaints] = await told;
  if (complaints !== '') throw new Error(`the hostile program failed: ${complaints}`);
  return lines.trimEnd().split('\n');
};

/** Of a program that stays; a traceback's first line if it does not. */
export const firstLine = async (container: Docker.Container): Promise<string> => {
  const out = new PassThrough({ encoding: 'utf8' });
  await followed(container, out, out);
  for await (const piece of out) return String(piece).split('\n')[0] ?? '';
  return '';
};

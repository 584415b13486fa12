// The image this container was made from: built here, so that it has no name by digest, only an id in this engine.
import { request } from 'node:http';
import { hostname } from 'node:os';
import { json } from 'node:stream/consumers';

const SOCKET = '/var/run/docker.sock';

/** @returns `sha256:…` */
export const imageOfThisContainer = async () => {
  const response = await new Promise((resolve, reject) => {
    const asked = request({ socketPath: SOCKET, path: `/containers/${hostname()}/json` }, resolve);
    asked.on('error', reject).end();
  });
  const { Image, message } = await json(response);
  if (response.statusCode !== 200)
    throw new Error(`the container engine does not know this container: ${message}`);
  return Image;
};

// The Agent's image as its users build it, from this work tree, with bases made here.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { cacheRoot, withLock } from '../../vllm/content-cache.js';
import { nodeImage } from '../images/simulator-image.js';
import { buildBaseImage } from './base-images.js';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const AGENT_IMAGE = 'resultity-test/agent:1';

const MAX_OUTPUT_BYTES = 16 * 1024 ** 2;

/** The tools' own programs, speaking to the tests' engine. @throws Error with what the program said */
export const runTool = async (
  socketPath: string,
  program: 'docker' | 'docker-compose',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd: ROOT,
    maxBuffer: MAX_OUTPUT_BYTES,
    // The legacy builder is the least that the Dockerfile must suit.
    env: { ...process.env, DOCKER_HOST: `unix://${socketPath}`, DOCKER_BUILDKIT: '0', ...env },
  });
  return stdout;
};

/**
 * Test files that run at the same time build it once: the second finds every step done.
 * @returns the ids of the image and of the base it runs on, which has no shell
 */
export const buildAgentImage = (
  docker: Docker,
  socketPath: string,
): Promise<{ readonly image: string; readonly base: string }> =>
  withLock(join(cacheRoot(), 'agent-image'), async () => {
    const base = await nodeImage(docker);
    const args = {
      BUILD_IMAGE: await buildBaseImage(docker),
      BASE_IMAGE: base,
      NODE_BINARY: '/usr/bin/node',
      VERSION: '0.0.0-test',
      REVISION: 'work-tree',
    };
    await runTool(socketPath, 'docker', [
      ...['build', '--network', 'host', '--tag', AGENT_IMAGE],
      ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      '.',
    ]);
    const { Id } = await docker.getImage(AGENT_IMAGE).inspect();
    return { image: Id, base };
  });

// The tests' own images run at all: what is proved with them is worth no more than they are.
import Docker from 'dockerode';
import { describe, expect, inject, it } from 'vitest';
import { nodeImage, simulatorImage } from './simulator-image.js';

const socketPath = inject('engineSocket');

describe.skipIf(socketPath === null)('images of the tests', () => {
  const docker = new Docker({ socketPath: socketPath ?? '', host: undefined } as Docker.DockerOptions);

  const run = async (image: string, entrypoint: string[], args: string[]) => {
    const container = await docker.createContainer({
      Image: image,
      Entrypoint: entrypoint,
      Cmd: args,
      HostConfig: { NetworkMode: 'none', ReadonlyRootfs: true },
    });
    try {
      await container.start();
      const { StatusCode } = await container.wait();
      const log = await container.logs({ stdout: true, stderr: true });
      return { code: StatusCode, log: log.toString() };
    } finally {
      await container.remove({ force: true });
    }
  };

  it('holds the Node that runs the tests', async () => {
    const { code, log } = await run(await nodeImage(docker), ['node'], ['--version']);
    expect(log).toContain(process.version);
    expect(code).toBe(0);
  });

  it('holds this package, whose simulator is an engine', async () => {
    const { code, log } = await run(
      await simulatorImage(docker),
      ['resultity-node'],
      ['simulate-engine', '--help'],
    );
    expect(log).toContain('simulate-engine');
    expect(code).toBe(0);
  });
});

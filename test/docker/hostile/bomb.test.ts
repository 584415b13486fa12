// A hostile image whose processes fork until they are refused, and stay: the bound is the container's, not the host's.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { describe, expect, inject, test } from 'vitest';
import { firstLine } from './container-output.js';
import { LIMITS, startSealed } from './containers.js';
import { startHostServices } from './host-services.js';
import { processesOf } from './host-state.js';
import { hostileImage } from './image/hostile-image.js';

const UID = 2000;
const engineSocket = inject('engineSocket');

describe.skipIf(engineSocket === null)('a fork bomb that is held', () => {
  const socketPath = engineSocket ?? '';
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);

  test('has its bound of processes; the host still starts its own, and afterwards none is left', async () => {
    const image = await hostileImage(docker);
    await using host = await startHostServices();
    let id: string;
    {
      await using bomb = await startSealed(docker, socketPath, {
        image,
        role: 'bomb',
        targets: {},
        uid: UID,
        socketSource: { kind: 'bind', hostPath: await host.socketDirectory(UID) },
        modelDirectory: await host.modelDirectory(),
      });
      id = bomb.container.id;
      expect(await firstLine(bomb.container)).toBe('refused: Resource temporarily unavailable');
      const held = await processesOf(id);
      expect(held.length).toBeGreaterThan(LIMITS.pids / 2);
      expect(held.length).toBeLessThanOrEqual(LIMITS.pids);
      const { stdout } = await promisify(execFile)('echo', ['the host forks']);
      expect(stdout).toBe('the host forks\n');
    }
    expect(await processesOf(id)).toEqual([]);
  });
});

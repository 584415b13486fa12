// Starts one Docker Engine for all tests that need one, and says loudly when there is none.
import type { TestProject } from 'vitest/node';
import { engineObstacle, startTestEngine } from './test-engine.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the engine's socket; null where none can be had. */
    engineSocket: string | null;
  }
}

export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const obstacle = await engineObstacle();
  if (obstacle !== undefined) {
    if (process.env.CI === 'true') throw new Error(`no Docker Engine: ${obstacle}`);
    console.warn(`SKIPPED: the tests of project ${project.name} need a Docker Engine; ${obstacle}.`);
    project.provide('engineSocket', null);
    return undefined;
  }
  const engine = await startTestEngine();
  project.provide('engineSocket', engine.socketPath);
  return () => engine.remove();
};

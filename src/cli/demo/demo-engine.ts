// The engine a demo shows: the simulator, which needs nothing, or a real one in a sealed container.
import type { ConfigDraft } from '../../network/publishing/config-publisher.js';
import { DemoFailedError } from './demo-errors.js';
import { type DemoJob, EMBEDDING_JOB, TEXT_JOBS } from './demo-jobs.js';

export interface DemoEngineOptions {
  readonly engine: string;
  /** Of the Runtime's container: `name@sha256:…`, or the id of one that is there. */
  readonly image?: string;
  /** A folder of real model files. */
  readonly modelDirectory?: string;
  readonly containerSocket?: string;
}

export interface DemoEngine {
  /** What it is, for a person. */
  readonly title: string;
  /** Said when it is ready. */
  readonly remark: string;
  /** Settings of the node, as its flags would give them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly jobs: readonly DemoJob[];
  /** Loading a real model takes a while. */
  readonly readyWithinMs: number;
  /** How long a client waits for one answer. */
  readonly answerWithinMs: number;
  /**
   * Whether equal requests give equal answers, whatever else the engine works on: only then can the network compare
   * the answers of blind jobs.
   */
  readonly isRepeatable: boolean;
  draft(directory: string, slots: number): Promise<ConfigDraft>;
}

const simulator: DemoEngine = {
  title: 'a simulated engine',
  remark: 'a simulator: its text is made up',
  settings: { runtimeDriver: 'process', runtimeEngine: 'simulator' },
  jobs: [...TEXT_JOBS, EMBEDDING_JOB],
  readyWithinMs: 60_000,
  answerWithinMs: 60_000,
  isRepeatable: true,
  draft: async (directory, slots) => (await import('./demo-models.js')).demoConfig(directory, { slots }),
};

const realEngine = (engine: string, image: string, modelDirectory: string, socket?: string): DemoEngine => ({
  title: `${engine} in a sealed container`,
  remark: 'a real engine with a real model',
  settings: {
    runtimeDriver: 'container',
    runtimeEngine: engine,
    ...(socket === undefined ? {} : { runtimeContainerSocket: socket }),
  },
  jobs: TEXT_JOBS,
  readyWithinMs: 600_000,
  answerWithinMs: 600_000,
  isRepeatable: false,
  draft: async (_directory, slots) =>
    (await import('./demo-models.js')).realModelConfig(modelDirectory, { engine, image, slots }),
});

/** @throws DemoFailedError when a real engine is asked for without its image or model */
export const demoEngine = ({
  engine,
  image,
  modelDirectory,
  containerSocket,
}: DemoEngineOptions): DemoEngine => {
  if (engine === 'simulator') return simulator;
  if (image === undefined || modelDirectory === undefined) {
    throw new DemoFailedError(`a demo with ${engine} needs an image and a model`, {
      advice: `Name them with --image and --model-directory; in the repository, \`npm run demo -- --engine vllm-cpu\` prepares both.`,
    });
  }
  return realEngine(engine, image, modelDirectory, containerSocket);
};

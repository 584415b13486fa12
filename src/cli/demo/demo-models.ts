// The demo's two models: small real files that are downloaded, hashed and proved like any other; the simulator makes
// their answers up.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigDraft } from '../../network/publishing/config-publisher.js';
import { describeModelDirectory } from '../../network/publishing/describe-model-directory.js';
import { digestOf } from '../../protocol/digest.js';
import { type ModelFile, modelDigest } from '../../protocol/model-manifest.js';
import type { ModelTask } from '../../protocol/openai/endpoint.js';

export const CHAT_MODEL = 'demo-chat';
export const EMBEDDING_MODEL = 'demo-embed';

type DraftModel = ConfigDraft['models'][number];

/** @param directory for the model's source files; made if missing */
const writeModel = async (directory: string, id: string): Promise<ModelFile[]> => {
  await mkdir(directory, { recursive: true });
  const contents: Readonly<Record<string, string>> = {
    'config.json': JSON.stringify({ model_type: 'demo', name: id }),
    'weights.safetensors': `demonstration weights of ${id}\n`.repeat(1_000),
  };
  const files: ModelFile[] = [];
  for (const [path, content] of Object.entries(contents)) {
    const file = join(directory, path);
    await writeFile(file, content);
    const sources = [pathToFileURL(file).href];
    files.push({ path, size_bytes: Buffer.byteLength(content), sha256: digestOf(content), sources });
  }
  return files;
};

const draftModel = async (
  directory: string,
  id: string,
  tasks: ModelTask[],
  test: Pick<DraftModel['test'], 'endpoint' | 'request'>,
): Promise<DraftModel> => {
  const model = { id, version: '1', files: await writeModel(join(directory, id), id) };
  return {
    ...model,
    digest: modelDigest(model),
    tasks,
    engines: ['simulator'],
    context_tokens: 8_192,
    min_vram_bytes: 0,
    enabled: true,
    test: { ...test, timeout_ms: 30_000 },
  };
};

/** The configuration the demo's network publishes. @param directory where the models' source files are put */
export const demoConfig = async (
  directory: string,
  options: { readonly slots: number },
): Promise<ConfigDraft> => ({
  ...bounds(options.slots),
  models: [
    await draftModel(directory, CHAT_MODEL, ['chat', 'completion'], {
      endpoint: 'chat.completions',
      request: { messages: [{ role: 'user', content: 'Say hello.' }], temperature: 0, max_tokens: 8 },
    }),
    await draftModel(directory, EMBEDDING_MODEL, ['embedding'], {
      endpoint: 'embeddings',
      request: { input: 'hello' },
    }),
  ],
  runtimes: [{ engine: 'simulator', max_concurrent: options.slots }],
});

/** A real model for a real engine. @param directory its files: the node copies and verifies them like a download */
export const realModelConfig = async (
  directory: string,
  options: { readonly engine: string; readonly image: string; readonly slots: number },
): Promise<ConfigDraft> => {
  const { files, digest } = await describeModelDirectory(directory, 'file');
  return {
    ...bounds(options.slots),
    models: [
      {
        id: CHAT_MODEL,
        version: '1',
        files,
        digest,
        tasks: ['chat', 'completion'],
        engines: [options.engine],
        context_tokens: 2_048,
        min_vram_bytes: 0,
        enabled: true,
        test: {
          endpoint: 'chat.completions',
          request: {
            messages: [{ role: 'user', content: 'What is the capital of France?' }],
            temperature: 0,
            max_tokens: 8,
          },
          timeout_ms: 120_000,
        },
      },
    ],
    runtimes: [{ engine: options.engine, image: options.image, max_concurrent: options.slots }],
  };
};

const bounds = (slots: number): Omit<ConfigDraft, 'models' | 'runtimes'> => ({
  jobs: {
    max_output_tokens: 2_048,
    max_input_bytes: 1_048_576,
    queue_max: 2 * slots,
    exec_timeout_ms: 600_000,
  },
  ttl: {
    heartbeat_ms: 2_000,
    outbox_ms: 86_400_000,
    retest_ms: 3_600_000,
    retry_base_ms: 250,
    retry_cap_ms: 5_000,
  },
  reports: { interval_ms: 2_000, segment_bytes: 1_048_576 },
  versions: { agent_min: '0.1.0', agent_latest: '0.1.0' },
});

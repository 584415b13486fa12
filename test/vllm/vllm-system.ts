// Network, node and a real vLLM in a sealed container: the rig of the tests that ask a real model.
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { realModelConfig } from '../../src/cli/demo/demo-models.js';
import { containerSettings } from '../docker/system/container-system.js';
import { clientOf, startWholeSystem, type WholeSystem } from '../e2e/whole-system.js';
import { prepareVllm } from './prepare.js';

/** Imports of three processes and a load of weights, on a busy machine. */
export const LOADED_WITHIN_MS = 240_000;

export interface VllmSystem extends WholeSystem {
  readonly docker: Docker;
  readonly settings: readonly string[];
  /** The node's one Runtime container. @throws Error unless there is exactly one */
  runtime(): Promise<Docker.ContainerInspectInfo>;
  /** The engine's socket as the host sees it. */
  engineSocket(): Promise<string>;
  /** Process ids, as the host numbers them, of the engine's processes with such a title. */
  processes(title: string): Promise<readonly number[]>;
}

export const startVllmSystem = async (
  engine: { readonly socketPath: string; readonly docker: Docker },
  options: { readonly slots: number; readonly image?: string; readonly networkFlags?: readonly string[] },
): Promise<VllmSystem> => {
  const { imageId, modelDirectory } = await prepareVllm({ engineSocket: engine.socketPath });
  const settings = containerSettings(engine.socketPath, 'vllm-cpu');
  const system = await startWholeSystem({
    runtime: settings,
    ...(options.networkFlags === undefined ? {} : { networkFlags: options.networkFlags }),
    readyWithinMs: LOADED_WITHIN_MS,
    draft: () =>
      realModelConfig(modelDirectory, {
        engine: 'vllm-cpu',
        image: options.image ?? imageId,
        slots: options.slots,
      }),
  });
  const { nodeId } = await system.node.control.status();
  const runtime = async (): Promise<Docker.ContainerInspectInfo> => {
    const found = await engine.docker.listContainers({
      all: true,
      filters: { label: [`io.resultity.node=${nodeId}`] },
    });
    const [only, ...more] = found;
    if (only === undefined || more.length > 0) throw new Error(`not one Runtime but ${found.length}`);
    return engine.docker.getContainer(only.Id).inspect();
  };
  return {
    ...system,
    // 32 answers of a real model on two processors, with others on the machine.
    client: clientOf(system.network, system.apiKey, 300_000),
    docker: engine.docker,
    settings,
    runtime,
    async engineSocket() {
      const mount = (await runtime()).Mounts.find(({ Destination }) => Destination === '/run/engine');
      return join(mount?.Source ?? dirname(''), 'engine.sock');
    },
    async processes(title) {
      const { Id } = await runtime();
      // dockerode types only the columns of ps -ef.
      const listed: { Processes: string[][] } = await engine.docker
        .getContainer(Id)
        .top({ ps_args: '-eo pid,args' });
      return listed.Processes.filter(([, args]) => args?.includes(title)).map(([pid]) => Number(pid));
    },
  };
};

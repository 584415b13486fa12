// Network, node and a Runtime in a sealed container, all real: the rig of the tests that break one of them.
import Docker from 'dockerode';
import { inject, onTestFailed } from 'vitest';
import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import { startWholeSystem, type WholeSystem, type WholeSystemOptions } from '../../e2e/whole-system.js';

export const dockerAt = (socketPath: string): Docker =>
  new Docker({ socketPath, host: undefined } as Docker.DockerOptions);

/** The engine all files share. Ask only inside tests: where there is none, they are skipped. */
export const sharedEngine = (): { readonly socketPath: string; readonly docker: Docker } => {
  const socketPath = inject('engineSocket');
  if (socketPath === null) throw new Error('there is no Docker Engine');
  return { socketPath, docker: dockerAt(socketPath) };
};

export const hasEngine = (): boolean => inject('engineSocket') !== null;

export const containerSettings = (socketPath: string, engine = 'simulator'): readonly string[] => [
  ...['--runtime-driver', 'container', '--runtime-engine', engine],
  ...['--runtime-container-socket', socketPath],
];

/** The demo's configuration with the simulator from an image. */
export const inContainer =
  (image: string, flags: Readonly<Record<string, string>> = {}) =>
  (draft: ConfigDraft): ConfigDraft => ({
    ...draft,
    runtimes: draft.runtimes.map((entry) => ({ ...entry, image, flags })),
  });

/** What a node's log says of its Runtime: without it nobody knows why a test failed elsewhere. */
const newsOfRuntime = (log: string): string =>
  log
    .split('\n')
    .filter((line) => /"event":"(runtime|container|job\.finished)|"level":"(warn|error)"/.test(line))
    .join('\n');

export interface ContainerSystem extends WholeSystem {
  readonly docker: Docker;
  /** The node's flags for its Runtime, to start it once more. */
  readonly settings: readonly string[];
  /** Of this node's Runtime, whatever its state. */
  containers(): Promise<readonly Docker.ContainerInfo[]>;
  /** The one that is there. @throws Error unless there is exactly one */
  container(): Promise<Docker.ContainerInfo>;
}

export const startContainerSystem = async (
  engine: { readonly socketPath: string; readonly docker: Docker },
  image: string,
  options: WholeSystemOptions & { readonly flags?: Readonly<Record<string, string>> } = {},
): Promise<ContainerSystem> => {
  const { flags, amend = (draft) => draft, ...rest } = options;
  const settings = containerSettings(engine.socketPath);
  const system = await startWholeSystem({
    ...rest,
    runtime: settings,
    amend: (draft) => amend(inContainer(image, flags)(draft)),
  });
  onTestFailed(() => console.error(newsOfRuntime(system.node.output.stdout)));
  const { nodeId } = await system.node.control.status();
  const containers = () =>
    engine.docker.listContainers({ all: true, filters: { label: [`io.resultity.node=${nodeId}`] } });
  return {
    ...system,
    docker: engine.docker,
    settings,
    containers,
    async container() {
      const [only, ...more] = await containers();
      if (only === undefined || more.length > 0)
        throw new Error(`not one container but ${more.length + (only ? 1 : 0)}`);
      return only;
    },
  };
};

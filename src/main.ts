// Composition root of the daemon: builds the node from its parts. A decision made here is in the wrong file.
import { ulid } from 'ulid';
import { systemClock } from './adapters/host/clock.js';
import { createSystemHostProbe } from './adapters/host/system-host-probe.js';
import type { Identity } from './adapters/identity/identity.js';
import type { LogSink } from './adapters/logs/create-logger.js';
import { createModelStore } from './adapters/models/disk-model-store.js';
import { type DataDirectory, openDataDirectory } from './adapters/state/data-directory.js';
import type { Config } from './config.js';
import { ConfigError } from './config.js';
import { startControlServer } from './console/control-server.js';
import { controlSocketOf } from './console/control-socket.js';
import { createObservers, type Observer } from './console/inspection/observers.js';
import type { NodeSteering } from './console/node-steering.js';
import type { ConsolePlace, NodeView } from './console/node-view.js';
import { assembleMetrics } from './daemon/assemble-metrics.js';
import { allEnded, assembleNodes } from './daemon/assemble-nodes.js';
import { assembleRuntime } from './daemon/assemble-runtime.js';
import { createConsoleRecords } from './daemon/console-records.js';
import { createDaemonLogs } from './daemon/daemon-logs.js';
import { createNetworkRooms } from './daemon/network-rooms.js';
import type { SharedParts } from './daemon/node-parts.js';
import { openConsole } from './daemon/open-console.js';
import { prepareInspectors } from './daemon/open-inspectors.js';
import { openKey } from './daemon/open-key.js';
import { orderNodes } from './daemon/order-nodes.js';
import { orderReports } from './daemon/order-report.js';
import { retestModel } from './daemon/retest-model.js';
import { viewDaemon } from './daemon/view-daemon.js';
import { warnOfContainers } from './daemon/warn-of-containers.js';
import { watchRuntime } from './daemon/watch-runtime.js';
import type { Failure } from './errors.js';
import type { NodeActor } from './machines/node-machine.js';
import { createMembership, createNodeSelf } from './services/membership.js';
import { createRepairs } from './services/repairs.js';
import { createSlots } from './services/slots.js';
import { AGENT_VERSION } from './version.js';

export interface Daemon {
  /** Of the first network. */
  readonly node: NodeActor;
  readonly view: NodeView;
  readonly controlSocket: string;
  /** Where the console is; resolves once that is known. */
  consolePlace(): Promise<ConsolePlace>;
  /** First call: drain within the grace time; second: interrupt jobs; third: leave now. */
  stop(): void;
  /** Resolves after everything is closed, with the first failure that ended a network's node, if one did. */
  readonly ended: Promise<Failure | null>;
}

export interface DaemonOptions {
  /** Sees every event and snapshot of the node's statecharts as they happen; one that throws is dropped. */
  readonly inspect?: Observer;
}

/**
 * Starts the node; resolves once its statecharts run, not once it is connected.
 * @throws DataDirectoryError, DaemonRunningError, ConfigError, ControlSocketError: each with advice
 */
export const startDaemon = async (
  config: Config,
  sink: LogSink,
  options: DaemonOptions = {},
): Promise<Daemon> => {
  if (config.networks.length === 0) throw missingNetwork();
  const directory = await openDataDirectory(config.dataDir);
  try {
    return await assemble(config, directory, sink, options);
  } catch (error) {
    await directory.release();
    throw error;
  }
};

/** Everything above the data directory, which is held by now. */
const assemble = async (
  config: Config,
  directory: DataDirectory,
  sink: LogSink,
  options: DaemonOptions,
): Promise<Daemon> => {
  const { paths } = directory;
  const clock = systemClock;
  const self = createNodeSelf();
  const places = config.networks.map((network) => ({ network, membership: createMembership(self) }));
  const nameAt = (at: number): string | null => {
    const place = places[at];
    return place === undefined ? null : (place.membership.network.peek()?.id.name ?? place.network.url);
  };
  const records = createConsoleRecords(config.console, nameAt, clock.nowMs);
  const logs = createDaemonLogs(
    { level: config.logLevel, format: config.logFormat, sink, also: records?.logs },
    config.networks.map(({ url }) => url),
  );
  const observers = createObservers((name, err) =>
    logs.logger.error(
      { event: 'inspection.failed', observer: name, err },
      'an observer failed and is dropped',
    ),
  );
  if (options.inspect !== undefined) observers.add(options.inspect, 'inspect');
  if (records?.inspection !== undefined) observers.add(records.inspection.recorder.observe, 'console');
  const inspectors = await prepareInspectors(config.console, observers, logs.logger);
  // All observers are there by now: an actor is announced once, when it is made.
  const watching = observers.isWatched ? { inspect: observers.observe } : {};
  const startedMs = clock.nowMs();
  const repairs = createRepairs(clock.nowMs);
  const engineSlots = createSlots(1);
  const runtime = await assembleRuntime({
    ...watching,
    config,
    paths,
    nodeId: () => self.identity.get().nodeId,
    names: places.map(
      ({ network }, at) =>
        () =>
          nameAt(at) ?? network.url,
    ),
    resize: engineSlots.resize,
    clock,
    logger: logs.runtime,
    repairs,
  });
  const { engine, desk } = runtime;
  const rooms = createNetworkRooms(directory, repairs);

  let opening: Promise<Identity> | undefined;
  const open = async (): Promise<Identity> => {
    const { identity, warning } = await openKey(config, () => directory.hasOtherState());
    if (warning !== undefined) logs.logger.warn({ event: 'passphrase.warning' }, warning);
    return identity;
  };
  const shared: SharedParts = {
    label: config.label,
    engine: {
      key: engine.definition.key,
      maxModels: engine.definition.maxModels,
      slots: config.runtime.slots,
    },
    graceMs: config.shutdownGraceMs,
    openKey: () => {
      opening ??= open();
      return opening;
    },
    probe: createSystemHostProbe({ dataDirectory: paths.root, containerEngine: engine.containerEngine }),
    store: await createModelStore({ dir: paths.models }),
    gpus: () => engine.gpus(self.hardware.get()),
    imageDigest: engine.imageDigest,
    repairs,
    random: Math.random,
    clock,
    agentVersion: AGENT_VERSION,
    instance: ulid(),
  };
  const nodes = assembleNodes({ ...watching, places, shared, logs, rooms, runtime, engineSlots, startedMs });
  const [first, ...more] = nodes;
  if (first === undefined) throw missingNetwork();
  const view = viewDaemon([first.view, ...more.map((node) => node.view)], runtime.actor, repairs);
  const runtimeGone = watchRuntime(runtime.actor, logs.runtime);
  const controlSocket = controlSocketOf(paths.root);
  const steering: NodeSteering = {
    retryRuntime: runtime.retry,
    uploadReports: () => orderReports(nodes),
    order: (order) => orderNodes([first, ...more], order),
    retestModel: (order) => retestModel(nodes, order),
  };
  // Its pages are read while the node starts.
  const ownConsole = openConsole({
    settings: config.console,
    records,
    tokenFile: paths.consoleToken,
    nodes,
    hardware: self.hardware,
    view,
    steering,
    metrics: assembleMetrics({
      view,
      nodes,
      hardware: self.hardware,
      control: runtime.control,
      repairs,
      clock,
    }),
    clock,
    logger: logs.logger.child({ component: 'console' }),
  });
  const consolePlace = async (): Promise<ConsolePlace> => (await ownConsole).place();
  const server = await startControlServer(controlSocket, view, steering, consolePlace);
  await inspectors.open();
  runtime.actor.start();
  for (const { actor } of nodes) actor.start();
  const left = new AbortController();
  const warned = warnOfContainers(config, logs.logger, left.signal);

  const close = async (): Promise<void> => {
    left.abort();
    await warned;
    await server.close();
    await (await ownConsole).close();
    desk.close();
    runtime.actor.send({ type: 'runtime.shutDown' });
    await runtimeGone;
    await inspectors.close();
    await engine.close();
    await rooms.close();
    await directory.release();
  };
  return {
    node: first.actor,
    view,
    controlSocket,
    consolePlace,
    stop: () => {
      desk.close();
      for (const { watch } of nodes) watch.stop();
    },
    ended: allEnded(nodes).then(async (failure) => {
      await close();
      return failure;
    }),
  };
};

const missingNetwork = (): ConfigError =>
  new ConfigError([
    {
      key: 'networkUrl',
      origin: 'nowhere',
      problem: 'is not set: a node needs a network to join',
      accepts: 'a URL, for example --network-url https://io.network.example',
    },
  ]);

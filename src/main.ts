// Composition root of the daemon: builds the node from its parts. A decision made here is in the wrong file.
import { ulid } from 'ulid';
import { createActor, type InspectionEvent } from 'xstate';
import { systemClock } from './adapters/host/clock.js';
import { createSystemHostProbe } from './adapters/host/system-host-probe.js';
import { createLogger, type LogSink } from './adapters/logs/create-logger.js';
import { createModelStore } from './adapters/models/disk-model-store.js';
import { createNetworkHttp } from './adapters/network-http/undici-network-http.js';
import { createWsNetworkSockets } from './adapters/network-socket/ws-network-sockets.js';
import { type DataDirectory, openDataDirectory } from './adapters/state/data-directory.js';
import type { Config } from './config.js';
import { ConfigError } from './config.js';
import { startControlServer } from './console/control-server.js';
import { controlSocketOf } from './console/control-socket.js';
import type { NodeView } from './console/node-view.js';
import { chooseRuntime } from './daemon/choose-driver.js';
import { httpBase } from './daemon/http-base.js';
import { createNetworkRooms } from './daemon/network-rooms.js';
import { openKey } from './daemon/open-key.js';
import { openRuntimeFailures } from './daemon/open-runtime-failures.js';
import { orderReport } from './daemon/order-report.js';
import { type NodeParts, provideNode, provideRuntime } from './daemon/provide-machines.js';
import { recallProvenRuntime } from './daemon/recall-proven-runtime.js';
import { leafOf, viewNode } from './daemon/view-node.js';
import { warnOfContainers } from './daemon/warn-of-containers.js';
import { watchDaemon } from './daemon/watch-daemon.js';
import type { Failure } from './errors.js';
import type { NodeActor } from './machines/node-machine.js';
import { createConfigInForce } from './services/config-in-force.js';
import { createExecutions } from './services/executions.js';
import { createJobBoard } from './services/job-board.js';
import { createJobIntake } from './services/job-intake.js';
import { createMembership } from './services/membership.js';
import { createNetworkTime } from './services/network-time.js';
import { createOutboundLane } from './services/outbound-lane.js';
import { createRuntimeControl } from './services/runtime-control.js';
import { specRefOf } from './services/runtime-spec.js';
import { createSessionFacts } from './services/session-facts.js';
import { createSlots } from './services/slots.js';
import { AGENT_VERSION } from './version.js';

export interface Daemon {
  readonly node: NodeActor;
  readonly view: NodeView;
  readonly controlSocket: string;
  /** First call: drain within the grace time; second: interrupt jobs; third: leave now. */
  stop(): void;
  /** Resolves after everything is closed, with the failure that ended it, if one did. */
  readonly ended: Promise<Failure | null>;
}

export interface DaemonOptions {
  /** Sees every event and snapshot of the node's statecharts as they happen. */
  readonly inspect?: (event: InspectionEvent) => void;
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
  if (config.networkUrl === undefined) throw missingNetwork();
  const url = httpBase(config.networkUrl);
  const directory = await openDataDirectory(config.dataDir);
  try {
    return await assemble(config, url, directory, sink, options);
  } catch (error) {
    await directory.release();
    throw error;
  }
};

/** Everything above the data directory, which is held by now. */
const assemble = async (
  config: Config,
  url: string,
  directory: DataDirectory,
  sink: LogSink,
  options: DaemonOptions,
): Promise<Daemon> => {
  const { paths } = directory;
  const { logger, attachReports } = createLogger({ level: config.logLevel, format: config.logFormat, sink });
  const clock = systemClock;
  const startedMs = clock.nowMs();

  const membership = createMembership();
  const lane = createOutboundLane(clock.nowMs);
  const slots = createSlots(1);
  const inForce = createConfigInForce();
  const facts = createSessionFacts();
  const board = createJobBoard({
    lane,
    slots,
    queueMax: () => inForce.current()?.snapshot.jobs.queue_max ?? 0,
  });
  const engine = await chooseRuntime(
    config.runtime,
    paths,
    () => membership.identity.get().nodeId,
    logger.child({ component: 'runtime' }),
  );
  const control = createRuntimeControl(engine.driver, engine.connect);
  const recalled = await recallProvenRuntime(paths.runtime, config, logger);
  if (recalled.spec !== undefined) control.specs.set(recalled.spec.specHash, recalled.spec);
  const rooms = createNetworkRooms(directory, attachReports, logger);
  const store = await createModelStore({ dir: paths.models });

  const parts: NodeParts = {
    url,
    pinnedGenesis: config.networkGenesis,
    label: config.label,
    engine: {
      key: engine.definition.key,
      maxModels: engine.definition.maxModels,
      slots: config.runtime.slots,
    },
    graceMs: config.shutdownGraceMs,
    openKey: async () => {
      const { identity, warning } = await openKey(config, () => directory.hasOtherState());
      if (warning !== undefined) logger.warn({ event: 'passphrase.warning' }, warning);
      return identity;
    },
    probe: createSystemHostProbe({ dataDirectory: paths.root, containerEngine: engine.containerEngine }),
    http: createNetworkHttp(url, { agentVersion: AGENT_VERSION }),
    sockets: createWsNetworkSockets(),
    rooms,
    store,
    membership,
    config: inForce,
    intake: createJobIntake(),
    executions: createExecutions(clock.monotonicMs),
    lane,
    board,
    slots,
    facts,
    control,
    prepareRuntime: engine.prepare,
    canary: engine.canary,
    gpus: () => engine.gpus(membership.hardware.get()),
    imageDigest: engine.imageDigest,
    keepProven: recalled.keep,
    runtimeHistory: await openRuntimeFailures(paths.runtime, logger),
    random: Math.random,
    clock,
    time: createNetworkTime(clock),
    logger,
    agentVersion: AGENT_VERSION,
    instance: ulid(),
    admission: () => ({ isPaused: node.getSnapshot().matches({ operating: { work: 'paused' } }) }),
    context: () => node.getSnapshot().context,
    runtime: () => ({
      state: leafOf(runtime.getSnapshot().value),
      engine: engine.definition.key,
      ...(control.version === undefined ? {} : { version: control.version.slice(0, 64) }),
      uptime_ms:
        control.startedMonotonicMs === undefined
          ? 0
          : Math.round(clock.monotonicMs() - control.startedMonotonicMs),
      restarts: Math.max(0, runtime.getSnapshot().context.starts - 1),
    }),
    prefs: () => ({
      draining: !board.isAdmitting,
      paused: node.getSnapshot().matches({ operating: { work: 'paused' } }),
    }),
    onNews: (beat) => watch.onNews(beat),
  };

  const runtime = createActor(provideRuntime(parts), {
    ...options,
    input: { proven: recalled.spec === undefined ? null : specRefOf(recalled.spec) },
  });
  const node: NodeActor = createActor(provideNode(parts, runtime), options);
  const view = viewNode({
    node,
    runtime,
    control,
    engine: engine.definition.key,
    membership,
    board,
    slots,
    facts,
    url,
    agentVersion: AGENT_VERSION,
    startedMs,
  });
  const watch = watchDaemon({ node, runtime, logger });
  const controlSocket = controlSocketOf(paths.root);
  const server = await startControlServer(controlSocket, view, {
    retryRuntime: () => {
      const before = runtime.getSnapshot();
      runtime.send({ type: 'runtime.retried' });
      return { retried: before.can({ type: 'runtime.retried' }), state: leafOf(before.value) };
    },
    uploadReports: () => orderReport(node, membership),
  });
  runtime.start();
  node.start();
  const left = new AbortController();
  const warned = warnOfContainers(config, logger, left.signal);

  const close = async (): Promise<void> => {
    left.abort();
    await warned;
    await server.close();
    runtime.send({ type: 'runtime.shutDown' });
    await watch.runtimeGone;
    await engine.close();
    await rooms.close();
    await directory.release();
  };
  return {
    node,
    view,
    controlSocket,
    stop: watch.stop,
    ended: watch.nodeEnded.then(async (failure) => {
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

// Gives every machine its services. Each line says which service stands behind which name; decisions are elsewhere.
import type { Logger } from 'pino';
import type { ActorRefFrom } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { HostProbe } from '../adapters/host/host-probe.js';
import type { Identity } from '../adapters/identity/identity.js';
import type { ModelStore } from '../adapters/models/model-store.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import type { NetworkSockets } from '../adapters/network-socket/network-sockets.js';
import type { DocumentStore } from '../adapters/state/document-store.js';
import type { RuntimeHistory } from '../adapters/state/runtime-history.js';
import { configSyncMachine } from '../machines/config-sync-machine.js';
import { assertProvided } from '../machines/declare.js';
import { jobMachine } from '../machines/job-machine.js';
import { linkMachine } from '../machines/link-machine.js';
import { modelMachine } from '../machines/model-machine.js';
import { nodeMachine } from '../machines/node-machine.js';
import { reportMachine } from '../machines/report-machine.js';
import { backoffMs } from '../machines/runtime/back-off.js';
import { runtimeMachine } from '../machines/runtime-machine.js';
import { TIMES } from '../protocol/limits.js';
import { explainEnd } from '../runtimes/engines/engine-failure.js';
import { engineByKey } from '../runtimes/engines/engines.js';
import { announceConfig } from '../services/announce-config.js';
import { attachRuntime } from '../services/attach-runtime.js';
import { beatHeart } from '../services/beat-heart.js';
import { closeNode } from '../services/close-node.js';
import { concludeJob } from '../services/conclude-job.js';
import type { ConfigInForce } from '../services/config-in-force.js';
import { declineJob } from '../services/decline-job.js';
import * as report from '../services/deliver-report.js';
import { type DescribeParts, describeHeartbeat, describeHello } from '../services/describe-node.js';
import type { Executions } from '../services/executions.js';
import { holdPlace } from '../services/hold-place.js';
import { holdSession } from '../services/hold-session.js';
import { holdSlot } from '../services/hold-slot.js';
import type { JobBoard } from '../services/job-board.js';
import type { JobIntake } from '../services/job-intake.js';
import { joinNetwork, type NetworkRooms } from '../services/join-network.js';
import { createFailureJudge, createPatientJudge, withJitter } from '../services/judge-failures.js';
import * as failures from '../services/keep-failures.js';
import type { Membership } from '../services/membership.js';
import type { NetworkTime } from '../services/network-time.js';
import { openIdentity } from '../services/open-identity.js';
import type { OutboundLane } from '../services/outbound-lane.js';
import { createOutboxWindow } from '../services/outbox-window.js';
import { probeHost } from '../services/probe-host.js';
import { recordJob } from '../services/record-job.js';
import { registerNode } from '../services/register-node.js';
import { runInference } from '../services/run-inference.js';
import * as runtime from '../services/run-runtime.js';
import type { RuntimeControl } from '../services/runtime-control.js';
import { chooseRuntimeSpec } from '../services/runtime-spec.js';
import type { SessionFacts } from '../services/session-facts.js';
import { signReceipt } from '../services/sign-receipt.js';
import type { Slots } from '../services/slots.js';
import { submitResult } from '../services/submit-result.js';
import { superviseJobs } from '../services/supervise-jobs.js';
import * as config from '../services/sync-config.js';
import * as model from '../services/tend-model.js';
import { validateJob } from '../services/validate-job.js';
import { warmRuntime } from '../services/warm-runtime.js';
import { watchDeadline, watchOutbox } from '../services/watch-deadline.js';
import { watchRuntime } from '../services/watch-runtime.js';
import { fullJitter, growingBound } from './full-jitter.js';

/** Everything the services of one node need. */
export interface NodeParts extends DescribeParts {
  readonly url: string;
  readonly pinnedGenesis: string | undefined;
  readonly label: string | undefined;
  readonly engine: { readonly key: string; readonly maxModels: number; readonly slots: number | undefined };
  readonly graceMs: number;
  readonly openKey: () => Promise<Identity>;
  readonly probe: HostProbe;
  readonly http: NetworkHttp;
  readonly sockets: NetworkSockets;
  readonly rooms: NetworkRooms;
  readonly store: ModelStore;
  readonly membership: Membership;
  readonly config: ConfigInForce;
  readonly intake: JobIntake;
  readonly executions: Executions;
  readonly lane: OutboundLane;
  readonly board: JobBoard;
  readonly slots: Slots;
  readonly facts: SessionFacts;
  readonly control: RuntimeControl;
  readonly prepareRuntime: runtime.RunRuntimeParts['prepare'];
  readonly canary: runtime.RunRuntimeParts['canary'];
  /** UUIDs of the GPUs the engine is given. */
  readonly gpus: () => readonly string[];
  /** Digest of the image that runs; undefined where no container does. */
  readonly imageDigest: () => string | undefined;
  readonly runtimeHistory: DocumentStore<RuntimeHistory>;
  readonly keepProven: runtime.RunRuntimeParts['keepProven'];
  readonly random: () => number;
  readonly clock: Clock;
  /** By the network's word. */
  readonly time: NetworkTime;
  readonly logger: Logger;
  /** Whether the node takes jobs, and why not. */
  readonly admission: () => { readonly isPaused: boolean };
  readonly onNews: (beat: () => void) => () => void;
}

const HEALTH_EVERY_MS = 2_000;
const TEST_EVERY_MS = 60_000;
const SPEC_SETTLE_MS = 50;
/** Longer than any prefill; an engine's definition may know better. */
const SILENCE_MS = 60_000;
/** Between two looks for an engine that somebody else starts. */
const PATIENCE_MS = 2_000;

type RuntimeParts = Pick<
  NodeParts,
  | 'control'
  | 'prepareRuntime'
  | 'keepProven'
  | 'canary'
  | 'engine'
  | 'runtimeHistory'
  | 'clock'
  | 'logger'
  | 'random'
>;

export const provideRuntime = (parts: RuntimeParts) => {
  const { random, runtimeHistory: history } = parts;
  const definition = engineByKey(parts.engine.key);
  const own = {
    ...parts,
    judge:
      parts.control.driver.kind === 'external'
        ? createPatientJudge(PATIENCE_MS, parts)
        : createFailureJudge({ ...parts, history }),
    prepare: parts.prepareRuntime,
    healthEveryMs: HEALTH_EVERY_MS,
    testEveryMs: TEST_EVERY_MS,
    silenceMs: definition.silenceMs ?? SILENCE_MS,
    isLoading: (status: number) => definition.readiness.loading.includes(status),
    explain: (words: string) => explainEnd(definition, words),
  };
  const machine = runtimeMachine.provide({
    actors: {
      recallFailures: failures.recallFailures(own),
      recordFailure: failures.recordFailure(own),
      forgetFailures: failures.forgetFailures(own),
      prepareRuntime: runtime.prepareRuntime(own),
      prepareNext: runtime.prepareNext(own),
      startRuntime: runtime.startRuntime(own),
      warmRuntime: warmRuntime(own),
      watchRuntime: watchRuntime(own),
      stopRuntime: runtime.stopRuntime(own),
    },
    delays: {
      warmLimit: definition.readiness.deadlineMs,
      nextDelay: ({ context }) => withJitter(backoffMs(context.next.failures), random),
      stopDelay: ({ context }) => withJitter(backoffMs(context.stopFailures), random),
    },
  });
  assertProvided(machine);
  return machine;
};

const provideJob = (parts: NodeParts) => {
  const outboxMs = (): number => parts.config.current()?.snapshot.ttl.outbox_ms ?? TIMES.outboxMs;
  const machine = jobMachine.provide({
    actors: {
      validateJob: validateJob({
        ...parts,
        admission: () => ({
          isAdmitting: parts.board.isAdmitting,
          isPaused: parts.admission().isPaused,
          isWithinCredit: parts.board.isWithinCredit,
          modelState: (digest) => parts.board.models.find((one) => one.digest === digest)?.state,
        }),
      }),
      recordJob: recordJob({ ...parts, outboxMs, queueLength: () => parts.slots.waiting }),
      declineJob: declineJob(parts),
      holdSlot: holdSlot(
        parts.slots,
        (attempt) => parts.membership.network.get().journal.find(attempt)?.offer.priority ?? 0,
      ),
      watchDeadline: watchDeadline(parts.clock),
      runInference: runInference({ ...parts, engine: () => parts.control.client }),
      signReceipt: signReceipt(parts),
      holdPlace: holdPlace(createOutboxWindow(parts.lane.whenClear)),
      submitResult: submitResult(parts),
      watchOutbox: watchOutbox(parts.time),
      concludeJob: concludeJob(parts),
    },
  });
  assertProvided(machine);
  return { machine, outboxMs };
};

/** @param runtimeActor the daemon's one Runtime, already started */
export const provideNode = (parts: NodeParts, runtimeActor: ActorRefFrom<typeof runtimeMachine>) => {
  const { random } = parts;
  const ttl = () => parts.config.current()?.snapshot.ttl;
  const retry = (failures: number, capMs: number): number =>
    fullJitter(
      growingBound(failures, ttl()?.retry_base_ms ?? TIMES.reconnectBaseMs, ttl()?.retry_cap_ms ?? capMs),
      random,
    );
  const job = provideJob(parts);
  const machine = nodeMachine.provide({
    actors: {
      openIdentity: openIdentity({ ...parts, open: parts.openKey }),
      probeHost: probeHost(parts),
      joinNetwork: joinNetwork({ ...parts, pinned: parts.pinnedGenesis }),
      registerNode: registerNode({ ...parts, engine: parts.engine.key }),
      loadConfig: config.loadConfig(parts),
      announceConfig: announceConfig(parts),
      closeNode: closeNode({ lane: parts.lane, handedBack: () => parts.board.running() }),
      superviseJobs: superviseJobs({
        ...parts,
        job: job.machine,
        outboxMs: job.outboxMs,
        execTimeoutMs: () => parts.config.current()?.snapshot.jobs.exec_timeout_ms ?? TIMES.jobMaxMs,
      }),
      attachRuntime: attachRuntime({
        runtime: runtimeActor,
        control: parts.control,
        settleMs: SPEC_SETTLE_MS,
        resize: (slots) => parts.slots.resize(slots),
        choose: () => chooseSpec(parts),
      }),
      link: linkMachine.provide({
        actors: {
          holdSession: holdSession({ ...parts, describe: () => describeHello(parts) }),
          beatHeart: beatHeart({ ...parts, describe: () => describeHeartbeat(parts) }),
        },
        delays: {
          redialDelay: ({ context }) => context.retryAfterMs ?? retry(context.failures, TIMES.reconnectCapMs),
        },
      }),
      configSync: configSyncMachine.provide({
        actors: {
          fetchConfig: config.fetchConfig(parts),
          verifyConfig: config.verifyConfig(parts),
          planConfig: config.planConfig(parts),
          applyConfig: config.applyConfig(parts),
          rollBackConfig: config.rollBackConfig(parts),
        },
        delays: { retryDelay: ({ context }) => retry(context.failures, TIMES.reconnectCapMs) },
      }),
      model: modelMachine.provide({
        actors: {
          inspectModel: model.inspectModel(modelParts(parts)),
          downloadModel: model.downloadModel(modelParts(parts)),
          verifyModel: model.verifyModel(modelParts(parts)),
          testModel: model.testModel(modelParts(parts)),
          removeModel: model.removeModel(modelParts(parts)),
        },
        delays: { retestDelay: () => ttl()?.retest_ms ?? 6 * TIMES.jobMaxMs },
      }),
      report: reportMachine.provide({
        actors: provideReport(parts),
        delays: {
          reportInterval: () => parts.config.current()?.snapshot.reports.interval_ms ?? 60_000,
          retryDelay: ({ context }) => retry(context.failures, 300_000),
        },
      }),
    },
    delays: {
      graceLimit: parts.graceMs,
      retryDelay: ({ context }) => retry(context.failures, TIMES.reconnectCapMs),
    },
  });
  assertProvided(machine);
  return machine;
};

const modelParts = (parts: NodeParts): model.TendModelParts => ({
  ...parts,
  engine: () => parts.control.client,
});

const provideReport = (parts: NodeParts) => {
  const own = { ...parts, receipts: new Map<string, Uint8Array>() };
  return {
    sealReport: report.sealReport(own),
    uploadReport: report.uploadReport(own),
    confirmReport: report.confirmReport(own),
    pruneReport: report.pruneReport(own),
  };
};

const chooseSpec = ({ config: inForce, engine, gpus, store }: NodeParts) => {
  const current = inForce.current();
  if (current === undefined) return undefined;
  const { snapshot } = current;
  return chooseRuntimeSpec({
    config: snapshot,
    configDigest: current.digest,
    gpus: gpus(),
    engine: engine.key,
    maxModels: engine.maxModels,
    slots: engine.slots,
    pathOf: (digest) =>
      snapshot.models.find((one) => one.digest === digest)?.files.length === 0 ? null : store.pathOf(digest),
  });
};

// Gives the node's machine its services. Each line says which service stands behind which name; decisions are elsewhere.
import { configSyncMachine } from '../machines/config-sync-machine.js';
import { assertProvided } from '../machines/declare.js';
import { linkMachine } from '../machines/link-machine.js';
import { modelMachine } from '../machines/model-machine.js';
import { nodeMachine } from '../machines/node-machine.js';
import { reportMachine } from '../machines/report-machine.js';
import { TIMES } from '../protocol/limits.js';
import { announceConfig } from '../services/announce-config.js';
import { attachRuntime } from '../services/attach-runtime.js';
import { beatHeart } from '../services/beat-heart.js';
import { closeNode } from '../services/close-node.js';
import * as report from '../services/deliver-report.js';
import { describeHeartbeat, describeHello } from '../services/describe-node.js';
import { holdSession } from '../services/hold-session.js';
import { joinNetwork } from '../services/join-network.js';
import { recallOrder, recordOrder } from '../services/keep-order.js';
import { openIdentity } from '../services/open-identity.js';
import { probeHost } from '../services/probe-host.js';
import { registerNode } from '../services/register-node.js';
import { chooseRuntimeSpec } from '../services/runtime-spec.js';
import { superviseJobs } from '../services/supervise-jobs.js';
import * as config from '../services/sync-config.js';
import * as model from '../services/tend-model.js';
import { awaitOrderEnd } from '../services/watch-deadline.js';
import { fullJitter, growingBound } from './full-jitter.js';
import type { NodeParts } from './node-parts.js';
import { provideJob } from './provide-job.js';

const SPEC_SETTLE_MS = 50;

export const provideNode = (parts: NodeParts) => {
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
      recallOrder: recallOrder(parts),
      recordOrder: recordOrder(parts),
      awaitOrderEnd: awaitOrderEnd(parts.clock),
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
        seat: parts.seat,
        settleMs: SPEC_SETTLE_MS,
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
  engine: parts.engineFor,
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

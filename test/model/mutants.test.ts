// Planted faults: tests that never failed prove nothing, so each machine is spoilt in several ways, and its walk or its
// specification must notice every one.
import Table from 'cli-table3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { machines } from '../../src/machines/catalog.js';
import { chartModel } from '../../src/machines/chart-model.js';
import { specPaths } from './drive-spec.js';
import { mergeWalks } from './merge-walks.js';
import { findFault, type Mutant, mutate, type Suites } from './mutate.js';
import { walkMachine } from './walk-machine.js';
import { configSyncSpec, configSyncSpecOptions, configSyncWorld } from './worlds/config-sync-world.js';
import { jobSpec, jobSpecOptions, jobWorld } from './worlds/job-world.js';
import { linkSpec, linkSpecOptions, linkWorld } from './worlds/link-world.js';
import { modelSpec, modelSpecOptions, modelWorld } from './worlds/model-world.js';
import { nodeWalks } from './worlds/node-world.js';
import { reportWorld } from './worlds/report-world.js';
import { runtimeSpec, runtimeSpecOptions } from './worlds/runtime-spec.js';
import { runtimeWorld } from './worlds/runtime-world.js';

const remove = (): undefined => undefined;
const to = (target: unknown) => () => target;
const unguarded = ([, otherwise]: readonly unknown[]) => [otherwise];

const specOfEvent = ({ event }: { event: { spec: unknown } }) => ({ spec: event.spec });

const noPairs = { pairs: false } as const;
const all = (paths: readonly { run(): void }[]): void => {
  for (const { run } of paths) run();
};

const suites: Readonly<Record<string, Suites>> = {
  link: {
    walk: (machine) => walkMachine(machine, { ...linkWorld, ...noPairs }).missing,
    spec: (machine) => all(specPaths(linkSpec, machine, linkSpecOptions)),
  },
  job: {
    walk: (machine) => walkMachine(machine, { ...jobWorld, ...noPairs }).missing,
    spec: (machine) => all(specPaths(jobSpec, machine, jobSpecOptions)),
  },
  configSync: {
    walk: (machine) => walkMachine(machine, { ...configSyncWorld, ...noPairs }).missing,
    spec: (machine) => all(specPaths(configSyncSpec, machine, configSyncSpecOptions)),
  },
  model: {
    walk: (machine) => walkMachine(machine, { ...modelWorld, ...noPairs }).missing,
    spec: (machine) => all(specPaths(modelSpec, machine, modelSpecOptions)),
  },
  runtime: {
    walk: (machine) => walkMachine(machine, { ...runtimeWorld, ...noPairs }).missing,
    spec: (machine) => all(specPaths(runtimeSpec, machine, runtimeSpecOptions)),
  },
  report: { walk: (machine) => walkMachine(machine, { ...reportWorld, ...noPairs }).missing },
  node: {
    walk: (machine) =>
      mergeWalks(nodeWalks.map((walk) => walkMachine(machine, { ...walk, ...noPairs }))).missing,
  },
};

const work = ['states', 'operating', 'states', 'work', 'states'];
const orders = ['states', 'operating', 'states', 'orders', 'states'];
const config = ['states', 'operating', 'states', 'config', 'states'];

const mutants: Readonly<Record<string, readonly Mutant[]>> = {
  link: [
    {
      fault: 'a refused identity is dialled again',
      at: ['states', 'held', 'on', 'session.closed'],
      change: unguarded,
    },
    {
      fault: 'losing a session is not announced',
      at: ['states', 'held', 'states', 'online', 'exit'],
      change: to('forgetSession'),
    },
    {
      fault: 'a suspected session is kept',
      at: ['states', 'held', 'states', 'online', 'on', 'link.suspected'],
      change: remove,
    },
    {
      fault: 'the session is opened anew with each step',
      at: ['states', 'held', 'states', 'dialing', 'on', 'session.greeted'],
      change: to({ target: '#link.held', reenter: true }),
    },
    {
      fault: 'nobody hears that the heart failed',
      at: ['states', 'held', 'states', 'online', 'invoke', 'onError'],
      change: remove,
    },
    {
      fault: 'a session that ends with the goodbye is dialled again',
      at: ['states', 'held', 'states', 'leaving', 'on', 'session.closed'],
      change: remove,
    },
    {
      fault: 'the goodbye is cut off',
      at: ['states', 'held', 'states', 'online', 'on', 'link.leaving'],
      change: remove,
    },
    {
      fault: 'a session is open before it is authenticated',
      at: ['states', 'held', 'states', 'dialing', 'on', 'session.greeted'],
      change: to('online'),
    },
  ],
  job: [
    {
      fault: 'a refused offer is recorded all the same',
      at: ['states', 'validating', 'invoke', 'onDone'],
      change: unguarded,
    },
    {
      fault: 'what cannot be journalled is run',
      at: ['states', 'recording', 'invoke', 'onError'],
      change: to('executing'),
    },
    {
      fault: 'a passed deadline does not end the execution',
      at: ['states', 'executing', 'on', 'deadline.passed'],
      change: to({ actions: { type: 'noteEnd', params: { outcome: 'expired', reason: 'deadline' } } }),
    },
    {
      fault: 'a result is submitted without a receipt',
      at: ['states', 'executing', 'states', 'running', 'invoke', 'onDone'],
      change: (found: object) => ({ ...found, target: '#job.delivering' }),
    },
    {
      fault: 'a receipt is signed again before delivery',
      at: ['states', 'delivering', 'on', 'result.acknowledged'],
      change: (found: object) => ({ ...found, target: 'signing' }),
    },
    {
      fault: 'a cancellation during recording vanishes',
      at: ['states', 'recording', 'on', 'job.cancelled'],
      change: remove,
    },
    {
      fault: 'a result is forgotten when the link breaks',
      at: ['states', 'delivering', 'states', 'sending', 'on', 'link.lost'],
      change: to('#job.abandoned'),
    },
    {
      fault: 'a result keeps its place in the window of a session that is over',
      at: ['states', 'delivering', 'states', 'sending', 'on', 'link.lost'],
      change: remove,
    },
    {
      fault: 'an attempt whose record is lost is signed each second for ever',
      at: ['states', 'signing', 'invoke', 'onError'],
      change: unguarded,
    },
    {
      fault: 'a result that missed a session passes for a new one',
      at: ['states', 'delivering', 'states', 'waitingForLink', 'entry'],
      change: remove,
    },
  ],
  configSync: [
    {
      fault: 'a snapshot is applied unverified',
      at: ['states', 'fetching', 'invoke', 'onDone', '1', 'target'],
      change: to('planning'),
    },
    { fault: 'what is in force is fetched again', at: ['states', 'comparing', 'always'], change: unguarded },
    {
      fault: 'a disproved snapshot stays',
      at: ['states', 'proving', 'on', 'config.disproved'],
      change: unguarded,
    },
    {
      fault: 'nobody hears that a plan is in force',
      at: ['states', 'applying', 'invoke', 'onDone', 'actions'],
      change: remove,
    },
    {
      fault: 'fetching is tried for ever',
      at: ['states', 'fetching', 'invoke', 'onError', '0', 'guard', 'type'],
      change: to('isUnreachable'),
    },
    {
      fault: 'a superseded snapshot waits for its proof',
      at: ['states', 'proving', 'always'],
      change: remove,
    },
  ],
  model: [
    {
      fault: 'it waits for a Runtime that serves another network',
      at: ['states', 'pending', 'on', 'runtime.taken'],
      change: remove,
    },
    {
      fault: 'a model that was passed over stays so for ever',
      at: ['states', 'displaced', 'on', 'model.retried'],
      change: remove,
    },
    {
      fault: 'nobody hears that a model was passed over',
      at: ['states', 'displaced', 'entry'],
      change: remove,
    },
    {
      fault: 'it waits for a Runtime that was given up',
      at: ['states', 'pending', 'on', 'runtime.givenUp'],
      change: remove,
    },
    {
      fault: 'a model is active untested',
      at: ['states', 'pending', 'on', 'runtime.ready', 'target'],
      change: to('active'),
    },
    {
      fault: 'a model is tested on a Runtime that serves others',
      at: ['states', 'pending', 'on', 'runtime.ready', 'guard'],
      change: remove,
    },
    {
      fault: 'a model stays active when the Runtime is lost',
      at: ['states', 'active', 'on', 'runtime.lost'],
      change: remove,
    },
    {
      fault: 'a failed test passes',
      at: ['states', 'testing', 'invoke', 'onError', 'target'],
      change: to('active'),
    },
    { fault: 'the node does not hear of a failure', at: ['states', 'failed', 'entry'], change: remove },
    {
      fault: 'a model that is switched off begins all the same',
      at: ['states', 'absent', 'always'],
      change: remove,
    },
  ],
  runtime: [
    {
      fault: 'an engine that would not stop is started over',
      at: ['states', 'stopping', 'invoke', 'onError', 'target'],
      change: to('judging'),
    },
    {
      fault: 'another spec is started without a stop',
      at: ['states', 'live', 'states', 'draining', 'on', 'jobs.drained'],
      change: to('#runtime.preparing'),
    },
    {
      fault: 'a failing engine is never given up on',
      at: ['states', 'judging', 'invoke', 'onDone'],
      change: (found: readonly unknown[]) => found.filter((_, at) => at !== 3),
    },
    {
      fault: 'a quarantine does not outlast the Agent',
      at: ['states', 'recalling', 'invoke', 'onDone'],
      change: (found: readonly unknown[]) => found.filter((_, at) => at !== 1),
    },
    {
      fault: 'a pause does not outlast the Agent',
      at: ['states', 'recalling', 'invoke', 'onDone'],
      change: (found: readonly unknown[]) => found.filter((_, at) => at !== 2),
    },
    {
      fault: 'a failed engine is started again at once',
      at: ['states', 'stopping', 'invoke', 'onDone'],
      change: ([, ...others]: readonly unknown[]) => others,
    },
    {
      fault: 'a failed preparation is not recorded',
      at: ['states', 'preparing', 'invoke', 'onError', 'target'],
      change: to('backingOff'),
    },
    {
      fault: 'a spec that does not work keeps the one that did from coming back',
      at: ['states', 'judging', 'invoke', 'onDone'],
      change: (found: readonly unknown[]) => found.filter((_, at) => at !== 2),
    },
    {
      fault: 'the spec that was given up is tried again and again',
      at: ['states', 'live', 'states', 'ready', 'states', 'settled', 'always', 'guard'],
      change: remove,
    },
    {
      fault: 'the old engine is stopped before the next one is prepared',
      at: ['states', 'live', 'states', 'ready', 'on', 'runtime.specified', 'target'],
      change: to('draining'),
    },
    {
      fault: 'what cannot be fetched now is given up',
      at: ['states', 'live', 'states', 'ready', 'states', 'preparingNext', 'invoke', 'onError'],
      change: ([final]: readonly { readonly guard?: unknown }[]) => [{ ...final, guard: undefined }],
    },
    {
      fault: 'an old engine that fails is replaced by one that is not prepared',
      at: ['states', 'judging', 'invoke', 'onDone', '1', 'guard'],
      change: to('isWanted'),
    },
    {
      fault: 'a new wish while draining is forgotten',
      at: ['states', 'live', 'states', 'draining', 'on', 'runtime.specified'],
      change: remove,
    },
    {
      fault: 'a suspect engine is stopped for a new wish',
      at: ['states', 'live', 'states', 'suspect', 'on', 'runtime.specified'],
      change: remove,
    },
    {
      fault: 'the owner’s retry is not heard while it waits',
      at: ['states', 'backingOff', 'on', 'runtime.retried'],
      change: remove,
    },
    {
      fault: 'what is pardoned is not tried',
      at: ['states', 'live', 'states', 'ready', 'states', 'pardoningNext', 'invoke', 'onDone'],
      change: (found: object) => ({ ...found, actions: [] }),
    },
    {
      fault: 'what an earlier Agent left keeps the GPU of a paused node',
      at: ['states', 'absent', 'on', 'runtime.cleared'],
      change: remove,
    },
    {
      fault: 'an engine is started while the leftovers are being ended',
      at: ['states', 'clearing', 'on', 'runtime.specified'],
      change: to({
        target: 'recalling',
        actions: [{ type: 'noteWanted', params: specOfEvent }, 'adoptWanted'],
      }),
    },
    {
      fault: 'a released spec is prepared again',
      at: ['states', 'live', 'states', 'ready', 'on', 'runtime.released', 'actions'],
      change: remove,
    },
    {
      fault: 'the same spec restarts the engine',
      at: ['states', 'live', 'states', 'ready', 'on', 'runtime.specified', 'guard'],
      change: remove,
    },
    {
      fault: 'nobody hears that the watch failed',
      at: ['states', 'live', 'invoke', 'onError'],
      change: remove,
    },
  ],
  report: [
    {
      fault: 'a segment is deleted without a receipt',
      at: ['states', 'uploading', 'invoke', 'onDone'],
      change: to('pruning'),
    },
    {
      fault: 'a delivery is counted before the deletion',
      at: ['states', 'confirming', 'invoke', 'onDone'],
      change: to({ target: 'pruning', actions: 'noteDelivery' }),
    },
    {
      fault: 'a failed upload is dropped',
      at: ['states', 'uploading', 'invoke', 'onError', '1', 'target'],
      change: to('collecting'),
    },
    {
      fault: 'all wait for a segment that is gone',
      at: ['states', 'uploading', 'invoke', 'onError'],
      change: unguarded,
    },
    {
      fault: 'a request during a pause drops the report',
      at: ['states', 'waiting', 'on', 'report.requested'],
      change: to('collecting'),
    },
    {
      fault: 'an empty segment is uploaded',
      at: ['states', 'sealing', 'invoke', 'onDone', '0', 'guard'],
      change: remove,
    },
  ],
  node: [
    {
      fault: 'the handler of failed models hides those of the services',
      at: [
        'states',
        'operating',
        'states',
        'models',
        'states',
        'tended',
        'on',
        'xstate.error.actor.*',
        'guard',
      ],
      change: remove,
    },
    {
      fault: 'stopping a paused node takes the GPU again',
      at: [...work, 'paused', 'states', 'freed'],
      change: (found: { readonly always: readonly { readonly actions?: unknown }[] }) => ({
        ...found,
        exit: 'resumeServing',
        always: found.always.map(({ actions: _, ...rest }) => rest),
      }),
    },
    { fault: 'draining goes on admitting', at: [...work, 'draining', 'entry'], change: remove },
    {
      fault: 'a pause frees the GPU under running jobs',
      at: [...work, 'paused', 'states', 'finishing', 'always', '2', 'guard'],
      change: to('isPauseOrdered'),
    },
    {
      fault: 'the end of a pause leaves the GPU unused',
      at: [...work, 'paused', 'states', 'freed', 'always', '1', 'actions'],
      change: remove,
    },
    {
      fault: 'the network lifts the owner’s pause',
      at: [...orders, 'weighing', 'always'],
      change: ([, ...others]: readonly unknown[]) => others,
    },
    {
      fault: 'an order is confirmed that could not be written down',
      at: [...orders, 'recording', 'invoke', 'onError', 'actions'],
      change: to(['confirmNext', 'dropNext']),
    },
    {
      fault: 'an order is not answered',
      at: [...orders, 'recording', 'invoke', 'onDone', 'actions'],
      change: (found: readonly unknown[]) => found.filter((one) => one !== 'confirmNext'),
    },
    {
      fault: 'an order outlasts its end',
      at: [...orders, 'ordered', 'states', 'timed', 'invoke', 'onDone'],
      change: (found: object) => ({ ...found, actions: [] }),
    },
    {
      fault: 'orders are not heard',
      at: ['states', 'operating', 'states', 'orders', 'on'],
      change: to({}),
    },
    {
      fault: 'an order does not outlast the Agent',
      at: ['states', 'setup', 'states', 'recallingOrder', 'invoke', 'onDone', 'actions'],
      change: remove,
    },
    {
      fault: 'a node whose order cannot be read takes the GPU',
      at: ['states', 'setup', 'states', 'recallingOrder', 'invoke', 'onError', 'target'],
      change: to('#node.operating'),
    },
    {
      fault: 'a second order to stop is ignored',
      at: [...work, 'stopping', 'states', 'finishing', 'on', 'node.stop'],
      change: remove,
    },
    {
      fault: 'the link may dial again after the goodbye',
      at: [...work, 'stopping', 'states', 'closing', 'entry'],
      change: remove,
    },
    {
      fault: 'a network that hangs up over the goodbye halts the node',
      at: [...work, 'stopping', 'states', 'closing', 'on', 'xstate.done.actor.link'],
      change: remove,
    },
    {
      fault: 'a gone model keeps its slot',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'model.changed', 'actions'],
      change: ([, ...others]: readonly unknown[]) => others,
    },
    {
      fault: 'jobs and Runtime do not hear of a new plan',
      at: [...config, 'loading', 'invoke', 'onDone', 'actions'],
      change: ([adopt]: readonly unknown[]) => [adopt],
    },
    {
      fault: 'the same configuration is synced again and again',
      at: [...config, 'syncing', 'invoke', 'onDone', 'actions'],
      change: remove,
    },
    {
      fault: 'models wait for a Runtime that was given up',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'runtime.givenUp', 'actions'],
      change: remove,
    },
    {
      fault: 'models do not hear that there is hope again',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'runtime.takenUp', 'actions'],
      change: remove,
    },
    {
      fault: 'models do not hear that the Runtime serves another network',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'runtime.taken', 'actions'],
      change: ([note]: readonly unknown[]) => [note],
    },
    {
      fault: 'the owner does not hear that the Runtime serves another network',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'runtime.taken', 'actions'],
      change: ([, tell]: readonly unknown[]) => [tell],
    },
    {
      fault: 'the owner hears for ever that the Runtime serves another network',
      at: ['states', 'operating', 'states', 'models', 'states', 'tended', 'on', 'runtime.takenUp', 'actions'],
      change: ([, ...others]: readonly unknown[]) => others,
    },
    {
      fault: 'a sync waits for a proof that it cannot have',
      at: [...config, 'syncing', 'on', 'runtime.taken'],
      change: remove,
    },
    {
      fault: 'a sync waits for a Runtime that was given up',
      at: [...config, 'syncing', 'on', 'runtime.givenUp', 'actions'],
      change: remove,
    },
    {
      fault: 'a sync is given up with a model that may still be served',
      at: [...config, 'syncing', 'on', 'runtime.givenUp', 'guard'],
      change: remove,
    },
    {
      fault: 'jobs are not told that the link is lost',
      at: ['states', 'operating', 'states', 'link', 'states', 'connected', 'exit'],
      change: remove,
    },
  ],
};

const table = new Table({ head: ['machine', 'fault', 'found by'], style: { head: [], border: [] } });

beforeAll(() => {
  // XState's development build comments on what mutants do wrong.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterAll(() => {
  console.log(table.toString());
});

describe.each(Object.entries(mutants))('%s', (name, list) => {
  const machine = machines[name] as AnyStateMachine;
  const suite = suites[name] as Suites;

  test('is the same when it is rebuilt without a fault', () => {
    const rebuilt = mutate(machine, { fault: 'none', at: ['version'], change: () => '0' });
    expect(chartModel(name, rebuilt)).toEqual(chartModel(name, machine));
    expect(Object.keys(rebuilt.implementations.actors)).toEqual(Object.keys(machine.implementations.actors));
  });

  test.each(list.map((mutant) => [mutant.fault, mutant] as const))('is caught when %s', (_, mutant) => {
    const found = findFault(mutate(machine, mutant), suite);
    table.push([name, mutant.fault, found?.by ?? 'nobody']);
    expect(found).toBeDefined();
  });
});

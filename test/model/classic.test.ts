// Wherever a walk leads a machine, XState 4 reads the converted chart as being in the very same states.
import { expect, test } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { classicMachine } from '../../src/console/classic/classic-machine.js';
import { createClassicDialect } from '../../src/console/classic/classic-messages.js';
import { configSyncMachine } from '../../src/machines/config-sync-machine.js';
import { jobMachine } from '../../src/machines/job-machine.js';
import { linkMachine } from '../../src/machines/link-machine.js';
import { modelMachine } from '../../src/machines/model-machine.js';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { reportMachine } from '../../src/machines/report-machine.js';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { loadMachine } from '../classic-inspector/receiver/classic-xstate.js';
import { type WalkOptions, walkMachine } from './walk-machine.js';
import { configSyncWorld } from './worlds/config-sync-world.js';
import { jobWorld } from './worlds/job-world.js';
import { linkWorld } from './worlds/link-world.js';
import { modelWorld } from './worlds/model-world.js';
import { nodeWalks } from './worlds/node-world.js';
import { reportWorld } from './worlds/report-world.js';
import { runtimeWorld } from './worlds/runtime-world.js';

const walked = <M extends AnyStateMachine>(machine: M, worlds: readonly WalkOptions<M>[]) => {
  const seen = new Map<string, AnyMachineSnapshot>();
  for (const world of worlds) {
    const collect = ({ snapshot }: { snapshot: AnyMachineSnapshot }): void =>
      void seen.set(JSON.stringify(snapshot.value), snapshot);
    walkMachine(machine, { ...world, pairs: false, invariants: { collect } });
  }
  return [...seen.values()];
};

const places = {
  node: () => walked(nodeMachine, nodeWalks),
  link: () => walked(linkMachine, [linkWorld]),
  job: () => walked(jobMachine, [jobWorld]),
  configSync: () => walked(configSyncMachine, [configSyncWorld]),
  model: () => walked(modelMachine, [modelWorld]),
  runtime: () => walked(runtimeMachine, [runtimeWorld]),
  report: () => walked(reportMachine, [reportWorld]),
};

test.each(Object.entries(places))('every place a walk leads %s to is the same for XState 4', (id, walk) => {
  const found = walk();
  expect(found.length).toBeGreaterThan(3);
  const dialect = createClassicDialect();
  const machine = found[0]?.machine as AnyStateMachine;
  const chart = loadMachine(JSON.stringify(classicMachine(machine)));
  for (const { value, status, tags, _nodes } of found) {
    const actor = { session: 'x:0', parent: null, root: 'x:0', id, machine };
    const text = dialect.moved(actor, { status, value, tags: [...tags], context: {}, after: 'xstate.init' });
    expect(chart.resolve(JSON.parse(text).state)).toEqual(_nodes.map((node) => node.id).sort());
  }
});

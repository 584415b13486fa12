// Every statechart of the project by name: what is drawn, linted and walked.
import type { AnyStateMachine } from 'xstate';
import { configSyncMachine } from './config-sync-machine.js';
import { jobMachine } from './job-machine.js';
import { linkMachine } from './link-machine.js';
import { modelMachine } from './model-machine.js';
import { nodeMachine } from './node-machine.js';
import { reportMachine } from './report-machine.js';
import { runtimeMachine } from './runtime-machine.js';

export const machines: Readonly<Record<string, AnyStateMachine>> = {
  node: nodeMachine,
  link: linkMachine,
  job: jobMachine,
  configSync: configSyncMachine,
  model: modelMachine,
  runtime: runtimeMachine,
  report: reportMachine,
};

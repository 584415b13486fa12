// The reports' surroundings for a walk: a segment is deleted only against a receipt, and counted once it is.
import assert from 'node:assert/strict';
import { REPORT_GONE, type reportMachine } from '../../../src/machines/report-machine.js';
import { contextSurvivesJson, type WalkOptions } from '../walk-machine.js';
import { doneCount, oneAtATime } from './expectations.js';
import { eitherError, gone } from './failures.js';

const STEPS = ['sealReport', 'uploadReport', 'confirmReport', 'pruneReport'];

export const reportWorld: WalkOptions<typeof reportMachine> = {
  payloads: {
    'xstate.done.actor.sealReport': [{ output: 'r1' }, { output: null }],
    'xstate.done.actor.pruneReport': [{ output: 'r2' }, { output: null }],
    'xstate.error.actor.sealReport': eitherError,
    'xstate.error.actor.uploadReport': [...eitherError, { error: gone }],
    'xstate.error.actor.confirmReport': [...eitherError, { error: gone }],
    'xstate.error.actor.pruneReport': eitherError,
  },
  abstract: ({ report, failures, failure, delivered }) => [
    report,
    Math.min(failures, 2),
    failure !== null,
    Math.min(delivered, 1),
  ],
  invariants: {
    'one step is taken at a time': oneAtATime(...STEPS),
    'a report is under way exactly while it is not collected or sealed': ({ snapshot }) => {
      const isBetween = snapshot.matches('collecting') || snapshot.matches('sealing');
      assert.equal(snapshot.context.report === null, isBetween);
    },
    'a segment is deleted only after it was uploaded and confirmed': ({ rig }) => {
      const steps = rig.services.filter(({ src }) => src !== 'sealReport');
      steps.forEach(({ src, input }, index) => {
        if (src !== 'pruneReport') return;
        const before = steps.slice(index - 2, index);
        assert.deepEqual(
          before.map((one) => [one.src, one.ended, one.input]),
          [
            ['uploadReport', 'done', input],
            ['confirmReport', 'done', input],
          ],
        );
      });
    },
    'what is gone is not waited for': ({ snapshot }) => {
      if (snapshot.matches('waiting')) assert.notEqual(snapshot.context.failure?.code, REPORT_GONE);
    },
    'what is delivered is counted once': ({ rig, snapshot }) =>
      assert.equal(snapshot.context.delivered, doneCount(rig, 'pruneReport')),
    'the context survives JSON': contextSurvivesJson,
  },
};

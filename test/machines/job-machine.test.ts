// An attempt whose result the network does not acknowledge, and one taken up from the journal.
import { describe, expect, test } from 'vitest';
import {
  DuplicateAttemptError,
  JournalError,
  JournalFullError,
} from '../../src/adapters/journal/journal-errors.js';
import { jobMachine } from '../../src/machines/job-machine.js';
import { Rig } from '../model/rig.js';
import { passing } from '../model/worlds/failures.js';
import { jobInput } from '../model/worlds/job-world.js';

const suspicions = (rig: Rig): number =>
  rig.sentToParent.filter(({ type }) => type === 'link.suspected').length;

describe('a result', () => {
  test('that is not acknowledged within a minute makes the link suspect, and goes out with the next session', () => {
    const rig = new Rig(jobMachine, { withParent: true, input: jobInput('finished') });
    rig.finish('signReceipt');
    rig.service('place').sendBack({ type: 'place.granted' });
    rig.finish('submitResult');
    rig.elapse(59_999);
    expect([rig.snapshot.value, suspicions(rig)]).toEqual([{ delivering: { sending: 'awaitingAck' } }, 0]);
    rig.elapse(1);
    expect([rig.snapshot.value, suspicions(rig)]).toEqual([{ delivering: 'waitingForLink' }, 1]);
    rig.send({ type: 'link.opened' });
    rig.service('place').sendBack({ type: 'place.granted' });
    rig.finish('submitResult');
    rig.send({ type: 'result.acknowledged', verdict: 'duplicate' } as never);
    rig.finish('concludeJob');
    expect([rig.snapshot.value, rig.snapshot.output.verdict]).toEqual(['concluded', 'duplicate']);
  });

  test('is not signed before the journal can record it, each second anew', () => {
    const rig = new Rig(jobMachine, { withParent: true, input: jobInput('finished') });
    rig.fail('signReceipt', passing);
    rig.elapse(999);
    expect(rig.snapshot.value).toBe('signingLater');
    rig.elapse(1);
    expect(rig.snapshot.value).toBe('signing');
  });
});

describe('an offer that cannot be recorded', () => {
  test.each([
    [new DuplicateAttemptError('in quarantine'), 'duplicate'],
    [new JournalFullError('1,000 results wait'), 'busy'],
    [new JournalError('no space left'), 'journal_failed'],
    [passing, 'journal_failed'],
  ])('for %o is declined as %s', (error, code) => {
    const rig = new Rig(jobMachine, { withParent: true, input: jobInput('new') });
    rig.finish('validateJob', null);
    rig.fail('recordJob', error);
    expect(rig.running('declineJob')).toMatchObject([{ input: { code } }]);
  });
});

describe('an attempt of an earlier process', () => {
  test('that was not finished is signed as interrupted, without a new execution', () => {
    const rig = new Rig(jobMachine, { withParent: true, input: jobInput('unfinished') });
    expect(rig.services.map(({ src, input }) => [src, input])).toEqual([
      ['signReceipt', { job: 'j1', attempt: 1, outcome: 'interrupted', reason: 'agent_restarted' }],
    ]);
  });
});

describe('an attempt that is cut off while it is recorded', () => {
  test.each([
    ['job.cancelled', 'client', 'cancelled'],
    ['job.interrupted', 'node_stopping', 'interrupted'],
  ])('by %s is signed as such and never runs', (type, reason, outcome) => {
    const rig = new Rig(jobMachine, { withParent: true, input: jobInput('new') });
    rig.finish('validateJob', null);
    rig.send({ type, reason } as never);
    rig.finish('recordJob');
    expect(rig.running('signReceipt')).toMatchObject([{ input: { outcome, reason } }]);
    expect(rig.services.some(({ src }) => src === 'runInference')).toBe(false);
  });
});

// The checker is only worth what it catches: every invariant has histories that break it, and one that breaks none.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../../src/protocol/digest.js';
import { jobId, START_MS } from '../../adapters/journal/job-fixtures.js';
import { checkHistory, expectSound, INVARIANTS } from './check-history.js';
import { History } from './history.js';
import type { HistoryRecord, RecordOf } from './record.js';
import {
  connection,
  digestOfReceipt,
  JOB,
  NODE,
  openSession,
  RECEIPT,
  soundHistory,
} from './sound-history.js';

/** Puts changed copies in the place of the records of one kind. */
const change = <K extends HistoryRecord['kind']>(
  history: History,
  kind: K,
  edit: (fact: RecordOf<K>, index: number) => HistoryRecord[],
): void => {
  let index = 0;
  const changed = history.records.flatMap((one) =>
    one.kind === kind ? edit(one as RecordOf<K>, index++) : [one],
  );
  history.records.splice(0, history.records.length, ...changed);
};

const without = (history: History, kind: HistoryRecord['kind']): void => change(history, kind, () => []);

const OTHER = `0x${'0e'.repeat(32)}`;

/** What is done to a sound history, and by which invariant in which words it must be found. */
const BREAKS: readonly [id: string, story: string, found: string, break_: (history: History) => void][] = [
  [
    'I1',
    'a job that never ends',
    'never ended',
    (h) => change(h, 'job', (job) => [{ ...job, state: 'running' }]),
  ],
  ['I1', 'a job the network has lost', 'knows nothing', (h) => without(h, 'job')],
  [
    'I1',
    'a job paid twice',
    'settled 2 times',
    (h) => change(h, 'ledger', (one) => (one.entry === 'settle' ? [one, one] : [one])),
  ],
  [
    'I1',
    'credits that stay reserved',
    'came back',
    (h) => change(h, 'ledger', (one) => (one.entry === 'release' ? [] : [one])),
  ],
  ['I1', 'a client told twice', 'answered 2 times', (h) => change(h, 'answered', (one) => [one, one])],
  [
    'I1',
    'a client told of a failure that was none',
    'told failed',
    (h) => change(h, 'answered', (one) => [{ ...one, answer: 'failed' }]),
  ],
  [
    'I1',
    'a result the node still owes',
    'only receipted',
    (h) => change(h, 'attempt', (one) => [{ ...one, state: 'receipted' }]),
  ],
  ['I1', 'an accept nobody wrote down', 'no record of it', (h) => without(h, 'attempt')],
  [
    'I2',
    'two receipts for one attempt',
    'has 2 receipts',
    (h) => {
      const receipt = { ...RECEIPT, completion_tokens: 5 };
      h.add({ kind: 'receipt', from: 'network', digest: digestOfReceipt(receipt), receipt, signature: null });
    },
  ],
  [
    'I3',
    'a receipt that is missing',
    'has 0 receipts number 2',
    (h) => {
      const receipt = { ...RECEIPT, attempt: 2, seq: 3, previous: digestOf('the missing one') };
      h.add({ kind: 'receipt', from: 'node', digest: digestOfReceipt(receipt), receipt, signature: null });
    },
  ],
  [
    'I3',
    'a chain that forks',
    'has 2 receipts number 1',
    (h) => {
      const receipt = { ...RECEIPT, attempt: 2 };
      h.add({ kind: 'receipt', from: 'node', digest: digestOfReceipt(receipt), receipt, signature: null });
    },
  ],
  [
    'I3',
    'a receipt behind another one',
    'does not follow',
    (h) => {
      const receipt = { ...RECEIPT, attempt: 2, seq: 2, previous: digestOf('another one') };
      h.add({ kind: 'receipt', from: 'node', digest: digestOfReceipt(receipt), receipt, signature: null });
    },
  ],
  [
    'I4',
    'a signature over other words',
    'not signed by its node',
    (h) =>
      change(h, 'frame', (one) =>
        one.said.t === 'job.accept' ? [{ ...one, header: { ...one.header, bd: digestOf('x') } }] : [one],
      ),
  ],
  [
    'I4',
    'the same frame twice',
    'after',
    (h) => change(h, 'frame', (one) => (one.said.t === 'result' ? [one, one] : [one])),
  ],
  [
    'I4',
    'a frame of another session',
    'names another session',
    (h) =>
      change(h, 'frame', (one) =>
        one.said.t === 'result.ack' ? [{ ...one, header: { ...one.header, s: OTHER } }] : [one],
      ),
  ],
  [
    'I5',
    'a second key',
    'another key',
    (h) => h.add({ kind: 'key', at_ms: 9, place: 'node', digest: digestOf('another'), mode: 0o600 }),
  ],
  [
    'I5',
    'a key that went',
    'gone',
    (h) => h.add({ kind: 'key', at_ms: 9, place: 'node', digest: null, mode: 0 }),
  ],
  [
    'I5',
    'a key others may read',
    'mode 644',
    (h) => h.add({ kind: 'key', at_ms: 9, place: 'node', digest: digestOf('key'), mode: 0o644 }),
  ],
  [
    'I6',
    'a floor that falls',
    'fell from 3 to 1',
    (h) => h.add({ kind: 'floor', at_ms: 9, place: 'node', version: 1 }),
  ],
  [
    'I6',
    'a version in force above its floor',
    'above every floor',
    (h) => change(h, 'floor', (one) => [{ ...one, version: 2 }]),
  ],
  [
    'I7',
    'an accept for a model that is only pending',
    'not proved',
    (h) =>
      change(h, 'frame', (one) =>
        one.said.t === 'heartbeat' ? [{ ...one, said: { ...one.said, models: [] } }] : [one],
      ),
  ],
  [
    'I7',
    'tokens of a model that is switched off',
    'does not list',
    (h) =>
      change(h, 'published', (one) => [
        { ...one, models: one.models.map((model) => ({ ...model, enabled: false })) },
      ]),
  ],
  [
    'I9',
    'a prompt in a log',
    "'canary' in node.log",
    (h) => change(h, 'searched', (one) => [{ ...one, found: ['canary'] }]),
  ],
  [
    'I10',
    'a disk beyond its bound',
    '21 bytes',
    (h) => change(h, 'measured', (one) => [{ ...one, bytes: 21 }]),
  ],
  [
    'I11',
    'a segment nobody has',
    'nowhere',
    (h) => change(h, 'report', (one, index) => (index === 0 ? [] : [one])),
  ],
  [
    'I11',
    'the last lines lost',
    'lines 10 to 11',
    (h) => change(h, 'log_end', (one) => [{ ...one, lines: 12 }]),
  ],
  [
    'I11',
    'a segment under two ids',
    'under an id of its own',
    (h) => change(h, 'report', (one, index) => (index === 1 ? [one, { ...one, report: jobId(13) }] : [one])),
  ],
  [
    'I11',
    'one id for two contents',
    'two contents',
    (h) =>
      change(h, 'report', (one, index) =>
        index === 1 ? [one, { ...one, place: 'node', sha256: digestOf('other') }] : [one],
      ),
  ],
  [
    'I12',
    'a node that is late',
    'are the limit',
    (h) => change(h, 'back', (one) => [{ ...one, took_ms: 99_999 }]),
  ],
  [
    'I12',
    'a node that stays away',
    'did not come back',
    (h) => h.add({ kind: 'fault', at_ms: 9, fault: 'kill -9', target: 'node' }),
  ],
  [
    'I13',
    'offers on a session that was replaced',
    'while 2 was in force',
    (h) => {
      openSession(connection(h, 2, OTHER), OTHER, START_MS + 10);
      const frame = h.of('frame').find(({ said }) => said.t === 'job.offer');
      if (frame === undefined) throw new Error('the sound history has an offer');
      const header = { ...frame.header, n: 99, ts: START_MS + 20 };
      h.add({ ...frame, header });
    },
  ],
];

test('a sound history breaks nothing', () => {
  expectSound(soundHistory());
});

test.for(BREAKS)('%s catches %s', ([id, , words, breakIt]) => {
  const history = soundHistory();
  breakIt(history);
  const broken = checkHistory(history).verdicts.find((one) => one.id === id);
  expect(broken?.violations.join('\n')).toContain(words);
  expect(() => expectSound(history)).toThrow(id);
});

test('every invariant but the one no process can see is caught being broken', () => {
  expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 13 }, (_, index) => `I${index + 1}`));
  const caught = new Set(BREAKS.map(([id]) => id));
  expect(INVARIANTS.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual(['I8']);
});

test('a run with fewer jobs or faults than it promised fails', () => {
  const history = soundHistory();
  change(history, 'run', (run) => [{ ...run, least_jobs: 2, least_faults: 2 }]);
  expect(checkHistory(history).tooLittle).toEqual([
    '1 jobs in a run that was to have at least 2',
    '1 faults in a run that was to have at least 2',
  ]);
  expect(() => expectSound(history)).toThrow('seed 1');
});

test('a run that shows nothing of an invariant fails, unless it says why', () => {
  const history = soundHistory();
  without(history, 'searched');
  expect(() => expectSound(history)).toThrow('I9');
  expectSound(history, { I8: 'no container', I9: 'nothing was searched' });
});

test('a history is read back from its file as it was', () => {
  const directory = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'history.ndjson');
  const written = new History(path);
  for (const one of soundHistory().records) written.add(one);
  expect(History.read(path).records).toEqual(written.records);
  expect(written.of('asked')[0]?.job).toBe(JOB);
  expect(written.of('frame').some(({ said }) => said.t === 'hello' && said.node === NODE)).toBe(true);
});

// What the page remembers of the feed, and the file it makes of it.
import { describe, expect, test } from 'vitest';
import { append, recordingOf, resume } from '../../../web/console/inspector/model/recording.js';
import {
  RecordingFileError,
  readRecording,
  writeRecording,
} from '../../../web/console/inspector/model/recording-file.js';
import { situationAt } from '../../../web/console/inspector/model/situation.js';
import { born, entered, sent, shortLife } from './records.js';

const seqs = (recording: { records: readonly { seq: number }[] }) => recording.records.map(({ seq }) => seq);
const noise = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => sent(from + index, null, 'x:0', 'heartbeat'));

describe('a recording', () => {
  test('begins with who lives, though their birth has left the ring', () => {
    const actor = { ...born(0, 'x:0', { machine: 'node' }), state: entered(5, 'x:0', ['node', 'node.idle']) };
    const recording = recordingOf([actor], noise(100, 3));
    expect(seqs(recording)).toEqual([0, 5, 100, 101, 102]);
    expect(recording.firstSeq).toBe(100);
    expect(situationAt(recording.records, 102).actors.get('x:0')?.state?.nodes).toEqual([
      'node',
      'node.idle',
    ]);
  });

  test('has each record once, whether it came with the ring or with its actor', () => {
    const records = shortLife();
    const actor = { ...born(0, 'x:0', { id: 'node', machine: 'node', network: 0 }), state: null };
    expect(recordingOf([actor], records).records).toEqual(records);
  });

  test('forgets the oldest records, never who was alive and where', () => {
    let recording = recordingOf([], shortLife());
    for (let seq = 12; seq < 1_000; seq += 1) recording = append(recording, noise(seq, 1), 100);
    expect(recording.records.length).toBeLessThanOrEqual(100);
    expect(recording.records.slice(0, 2)).toEqual([
      born(0, 'x:0', { id: 'node', machine: 'node', network: 0 }),
      entered(11, 'x:0', ['node', 'node.idle'], { edges: ['node|xstate.done.actor.*|0'] }),
    ]);
    expect(recording.records[2]?.seq).toBe(recording.firstSeq);
  });

  test('takes no record twice', () => {
    const recording = recordingOf([], shortLife());
    expect(append(recording, shortLife())).toBe(recording);
  });

  test('goes on after a reconnection to the same process', () => {
    const known = recordingOf([], shortLife());
    expect(seqs(resume(known, recordingOf([], [...shortLife().slice(6), ...noise(12, 2)])))).toEqual(
      Array.from({ length: 14 }, (_, index) => index),
    );
  });

  test.each([
    ['numbers are lower', noise(0, 3)],
    ['the same numbers are of other records', noise(0, 30)],
    ['nothing connects them', noise(500, 3)],
  ])('begins anew when the node was started again: %s', (_, records) => {
    const fresh = recordingOf([], records);
    expect(resume(recordingOf([], shortLife()), fresh)).toBe(fresh);
  });
});

describe('a file', () => {
  const about = { agentVersion: '0.1.0', networks: ['devnet'] };
  const text = writeRecording(about, recordingOf([], shortLife()), 5_000);

  test('is opened as it was exported', () => {
    expect(readRecording(text)).toEqual({
      header: {
        format: 'resultity.inspector',
        schemaVersion: 1,
        ...about,
        exportedMs: 5_000,
        firstSeq: 0,
      },
      recording: recordingOf([], shortLife()),
    });
    expect(text.trimEnd().split('\n')).toHaveLength(1 + shortLife().length);
  });

  test('is opened with the line ends of Windows too', () => {
    expect(readRecording(text.replaceAll('\n', '\r\n')).recording.records).toEqual(shortLife());
  });

  const [header = '', ...lines] = text.trimEnd().split('\n');
  test.each([
    ['nothing', '', 'RECORDING_FILE_EMPTY', /empty/],
    ['a picture', '\u0089PNG\n', 'RECORDING_FILE_FOREIGN', /not a recording/],
    [
      'a recording of another kind',
      '{"schemaVersion":1,"charts":{}}\n',
      'RECORDING_FILE_FOREIGN',
      /first line/,
    ],
    [
      'a newer version',
      header.replace('"schemaVersion":1', '"schemaVersion":2'),
      'RECORDING_FILE_NEWER',
      /schema 2/,
    ],
    ['half a line', `${header}\n${lines[0]}\n${lines[1]?.slice(0, 20)}`, 'RECORDING_FILE_DAMAGED', /Line 3/],
    ['a foreign line', `${header}\n{"kind":"prompt"}`, 'RECORDING_FILE_DAMAGED', /Line 2/],
    [
      'two lines swapped',
      [header, lines[1], lines[0]].join('\n'),
      'RECORDING_FILE_DAMAGED',
      /Line 3.*out of order/,
    ],
  ])('that is %s is refused with a reason and advice', (_, bad, code, message) => {
    const refused = (() => {
      try {
        return readRecording(bad);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(RecordingFileError);
    expect(refused).toMatchObject({
      code,
      message: expect.stringMatching(message),
      advice: expect.stringMatching(/.{10}/),
    });
  });
});

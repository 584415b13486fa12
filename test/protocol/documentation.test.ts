// docs/protocol.md is for people who cannot read TypeScript: what it lists must be what the code does.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { NETWORK, NODE, RECEIPT, SESSION, TIME_MS } from '../../scripts/vectors/samples.js';
import {
  CLOSE,
  declineCode,
  modelState,
  outcomeCode,
  resultVerdict,
  standingState,
} from '../../src/protocol/codes.js';
import { frameHeader } from '../../src/protocol/frame.js';
import { LIMITS, SUBPROTOCOL } from '../../src/protocol/limits.js';
import { MESSAGES } from '../../src/protocol/messages/catalogue.js';
import { receiptTypedData } from '../../src/protocol/receipt.js';
import { envelopeTypedData, statementTypedData } from '../../src/protocol/typed-data.js';

const text = await readFile(resolve(import.meta.dirname, '../../docs/protocol.md'), 'utf8');

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** Cells of the table whose head begins with these columns. */
const table = (...head: string[]): string[][] => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => cellsOf(line).slice(0, head.length).join() === head.join());
  if (start === -1) throw new Error(`no table with the columns ${head.join(', ')}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map(cellsOf);
};
const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, one = '']) => one);

test('lists every message with its direction, signature and size', () => {
  const arrows = { down: '↓', up: '↑', both: '↕' } as const;
  expect(table('type', 'direction', 'signed').map((row) => row.slice(0, 4))).toEqual(
    Object.entries(MESSAGES).map(([type, { direction, signed, maxBytes }]) => [
      `\`${type}\``,
      arrows[direction],
      signed ? 'yes' : 'no',
      maxBytes.toLocaleString('en-US'),
    ]),
  );
});

test('lists every close code by number and name', () => {
  expect(table('code', 'name').map(([code, name]) => [Number(code), ...quoted(name)])).toEqual(
    Object.entries(CLOSE).map(([name, code]) => [code, name]),
  );
});

test('lists every value of the closed lists', () => {
  const lists = {
    decline: declineCode,
    outcome: outcomeCode,
    verdict: resultVerdict,
    standing: standingState,
  };
  expect(table('list', 'values').map(([name, values]) => [name, quoted(values)])).toEqual(
    Object.entries({ ...lists, 'model state': modelState }).map(([name, list]) => [name, list.options]),
  );
});

test('lists every header field', () => {
  expect(table('field', 'meaning').map(([field]) => quoted(field)[0])).toEqual(
    Object.keys(frameHeader.shape),
  );
});

test('gives the fields of the three signed structs in their order and type', () => {
  const facts = { node: NODE.address, kind: 'x', session: SESSION, seq: 0, timeMs: TIME_MS, body: SESSION };
  const rows = new Map(table('struct', 'signed by').map(([name, , fields]) => [quoted(name)[0], fields]));
  const shown = (fields: readonly { name: string; type: string }[]) =>
    fields.map(({ name, type }) => `${type} ${name}`).join(', ');
  expect(rows.get('Envelope')).toBe(shown(envelopeTypedData(NETWORK, facts).types.Envelope));
  expect(rows.get('Statement')).toBe(
    shown(statementTypedData(NETWORK, { role: 'online', ...facts }).types.Statement),
  );
  const [, paragraph = ''] = /\n(`job` string,.*?\.)\n\n/s.exec(text) ?? [];
  const fields = paragraph
    .replaceAll(/\([^)]*\)/g, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, -1)
    .split(',')
    .map((field) => field.trim().replaceAll('`', ''));
  expect(fields).toEqual(
    receiptTypedData(NETWORK, RECEIPT).types.Receipt.map(({ name, type }) => `${name} ${type}`),
  );
});

test('names limits as they are', () => {
  for (const said of [
    SUBPROTOCOL,
    `at most ${LIMITS.headerBytes.toLocaleString('en-US')} bytes`,
    `depth ${LIMITS.jsonDepth}`,
    `${LIMITS.jsonKeys.toLocaleString('en-US')} keys`,
    'application/vnd.resultity.frame',
  ]) {
    expect(text).toContain(said);
  }
});

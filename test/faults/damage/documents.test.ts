// The small documents: account, floor, order and the Runtime's failures, damaged with and without a whole copy beside them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { decodeDocument } from '../../../src/adapters/state/document-file.js';
import { previousPath } from '../../../src/adapters/state/document-recovery.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';
import { anyDamage, type Damage, everyDamage } from './damages.js';
import { DOCUMENTS, network, type Opened, type Subject } from './documents.js';
import { refusalCode } from './expect-refusal.js';

const makeFolders = (root: string): void => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(network(root).directory, { recursive: true });
  mkdirSync(dataPaths(root).runtime, { recursive: true });
};

/** @throws when a damaged document is believed, or is refused without a word to the owner */
const judge = async (
  subject: Subject,
  root: string,
  damaged: Damage,
  written: readonly unknown[],
): Promise<string> => {
  const path = subject.path(root);
  let found: Opened;
  try {
    found = await subject.open(root);
  } catch (caught) {
    const code = refusalCode(caught);
    expect(readFileSync(path).equals(damaged.bytes)).toBe(true);
    return `refused: ${code}`;
  }
  const { data, recovered } = found;
  const isLatest = isDeepStrictEqual(data, written.at(-1));
  if (recovered === 'whole') {
    if (written.some((value) => isDeepStrictEqual(value, data)))
      return isLatest ? 'unharmed' : 'an older value';
    throw new Error(`believed: ${JSON.stringify(data)}`);
  }
  const folder = join(path, '..');
  const kept = readdirSync(folder).filter((name) => name.includes('.corrupt-'));
  expect(kept.some((name) => readFileSync(join(folder, name)).equals(damaged.bytes))).toBe(true);
  // The next start must find what this one found.
  expect((await subject.open(root)).data).toEqual(data);
  if (recovered === 'previous') expect(data).toEqual(written.at(-2));
  else expect({ recovered, data }).toEqual({ recovered: 'quarantined', data: subject.anew });
  return recovered === 'previous' ? 'back to the copy before' : 'set aside, begun anew';
};

/** What may come to lie in a document's place: its own copy before, and the other documents. */
const neighbours = async (root: string): Promise<readonly Buffer[]> => {
  const files: Buffer[] = [];
  for (const { live, path } of DOCUMENTS) {
    makeFolders(root);
    await live(root);
    files.push(readFileSync(path(root)), readFileSync(previousPath(path(root))));
  }
  return files;
};

test.for(DOCUMENTS)('believes no damaged $name', async (subject) => {
  const root = join(memoryScratch(), 'data');
  const others = await neighbours(root);
  makeFolders(root);
  const written = await subject.live(root);
  const path = subject.path(root);
  const whole = readFileSync(path);
  const copy = readFileSync(previousPath(path));
  const tally = new FaultTally(subject.name);
  onTestFinished(() => tally.file());

  const open = async (damaged: Damage, beside: Buffer | undefined, what: string): Promise<void> => {
    makeFolders(root);
    writeFileSync(path, damaged.bytes);
    if (beside !== undefined) writeFileSync(previousPath(path), beside);
    try {
      tally.count(`${damaged.kind}${what}`, await judge(subject, root, damaged, written));
    } catch (cause) {
      throw new Error(`${damaged.kind}${what}: ${JSON.stringify(damaged.bytes.toString('latin1'))}`, {
        cause,
      });
    }
  };
  for (const damaged of anyDamage(subject.name, whole, 1_000, others)) await open(damaged, copy, '');
  for (const damaged of anyDamage(`${subject.name} alone`, whole, 1_000, others)) {
    await open(damaged, undefined, ', no copy');
  }
  for (const damaged of anyDamage(`${subject.name} both`, whole, 500, others)) {
    await open(damaged, damaged.bytes, ', copy as well');
  }
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES[subject.name] : 0);
});

test.for(DOCUMENTS)('decodes no $name with any bit changed or of any other length', async (subject) => {
  const root = join(memoryScratch(), 'data');
  makeFolders(root);
  await subject.live(root);
  const whole = readFileSync(subject.path(root));
  const stored = decodeDocument(whole);
  expect(stored).toBeTypeOf('object');
  const tally = new FaultTally(`${subject.name}, decoded`);
  onTestFinished(() => tally.file());
  for (const { kind, bytes } of everyDamage(whole)) {
    const found = decodeDocument(bytes);
    if (typeof found === 'string') tally.count(kind, 'refused');
    else if (isDeepStrictEqual(found, stored)) tally.count(kind, 'unharmed');
    else throw new Error(`believed: ${bytes.toString('latin1')}`);
  }
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES[`${subject.name}, decoded`] : 0);
  // What changes nothing is the line feed at the end.
  expect(tally.total('unharmed')).toBeLessThanOrEqual(1);
});

// All files of vectors by name, written to a folder or compared with it.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { consentVectors, documentVectors } from './document-vectors.js';
import { frameVectors } from './frame-vectors.js';
import { manifestVectors, sessionVectors, streamVectors } from './session-vectors.js';
import {
  envelopeVectors,
  keyVectors,
  receiptVectors,
  signatureVectors,
  statementVectors,
} from './signing-vectors.js';
import type { VectorFile } from './vector-file.js';

const FILES: Readonly<Record<string, VectorFile>> = {
  'envelopes.json': envelopeVectors,
  'frames.json': frameVectors,
  'keys.json': keyVectors,
  'manifests.json': manifestVectors,
  'owner-consents.json': consentVectors,
  'receipts.json': receiptVectors,
  'sessions.json': sessionVectors,
  'signatures.json': signatureVectors,
  'signed-documents.json': documentVectors,
  'statements.json': statementVectors,
  'streams.json': streamVectors,
};

/** Text of every file, by name. Equal sources give equal bytes. */
export const buildVectorFiles = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(FILES).map(([name, file]) => [name, `${JSON.stringify(file, null, 2)}\n`]));

export interface Difference {
  readonly file: string;
  readonly why: 'missing' | 'stale' | 'left over';
}

/** What on disk is not what the code makes now. */
export const compareVectorFiles = async (directory: string): Promise<readonly Difference[]> => {
  const built = buildVectorFiles();
  const there = await readdir(directory).catch((): string[] => []);
  const differences: Difference[] = [];
  for (const [file, text] of built) {
    if (!there.includes(file)) differences.push({ file, why: 'missing' });
    else if ((await readFile(join(directory, file), 'utf8')) !== text)
      differences.push({ file, why: 'stale' });
  }
  for (const file of there) {
    if (file.endsWith('.json') && !built.has(file)) differences.push({ file, why: 'left over' });
  }
  return differences;
};

/** Makes the folder what the code says. @returns what had to change */
export const writeVectorFiles = async (directory: string): Promise<readonly Difference[]> => {
  await mkdir(directory, { recursive: true });
  const differences = await compareVectorFiles(directory);
  const built = buildVectorFiles();
  for (const { file } of differences) {
    const text = built.get(file);
    if (text === undefined) await rm(join(directory, file));
    else await writeFile(join(directory, file), text);
  }
  return differences;
};

// All files of vectors by name, for their folder.
import type { GeneratedFolder } from '../generated/generated-files.js';
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
const buildVectorFiles = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(FILES).map(([name, file]) => [name, `${JSON.stringify(file, null, 2)}\n`]));

/** The folder as the code says it must be. */
export const vectorFolder = (folder: string): GeneratedFolder => ({
  name: 'test/vectors',
  folder,
  files: buildVectorFiles(),
  owns: (name) => name.endsWith('.json'),
});

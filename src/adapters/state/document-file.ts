// How a document lies on disk: `{version, subject, checksum, data}`, checked before its data is believed.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DocumentTooLargeError } from './state-errors.js';

/** A document is a small thing: the largest holds a trust root (512 KiB) as escaped text. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** What is kept in memory and under the checksum. */
export interface Stored {
  /** Of the data's schema; rises with each change an older node could not read. */
  readonly version: number;
  /** Whose document it is, e.g. `devnet/floor`: a file copied from another network is not believed. */
  readonly subject: string;
  readonly data: unknown;
}

const onDisk = z.strictObject({
  version: z.int().min(1),
  subject: z.string().max(128),
  checksum: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  data: z.unknown(),
});

// JSON.parse and JSON.stringify undo each other for anything JSON.parse made, so parsed text has a checksum of its own.
const checksumOf = ({ version, subject, data }: Stored): string =>
  `sha256:${createHash('sha256')
    .update(JSON.stringify([version, subject, data]))
    .digest('hex')}`;

/** @throws DocumentTooLargeError: what could not be read back must not be written */
export const encodeDocument = ({ version, subject, data }: Stored): Buffer => {
  const checksum = checksumOf({ version, subject, data });
  const bytes = Buffer.from(`${JSON.stringify({ version, subject, checksum, data }, null, 2)}\n`);
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new DocumentTooLargeError(
      `the document '${subject}' would have ${bytes.length} bytes; at most ${MAX_DOCUMENT_BYTES} can be kept`,
    );
  }
  return bytes;
};

/** @returns the stored document, or in words why it is not whole */
export const decodeDocument = (bytes: Uint8Array): Stored | string => {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'not JSON';
  }
  const parsed = onDisk.safeParse(json);
  if (!parsed.success) return 'not a document of the node';
  const { checksum, ...stored } = parsed.data;
  return checksum === checksumOf(stored) ? stored : 'its checksum does not fit';
};

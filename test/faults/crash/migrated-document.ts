// A document that has changed its form once.
import { z } from 'zod';
import type { DocumentOptions } from '../../../src/adapters/state/document-recovery.js';

export const LAST_OLD = 3;

const first = z.strictObject({ count: z.int() });
const second = z.strictObject({ counts: z.array(z.int()) });

export const older = (path: string): DocumentOptions<z.infer<typeof first>> => ({
  path,
  schema: first,
  version: 1,
  initial: { count: 0 },
  subject: 'devnet/counts',
});

export const newer = (path: string): DocumentOptions<z.infer<typeof second>> => ({
  path,
  schema: second,
  version: 2,
  initial: { counts: [0] },
  subject: 'devnet/counts',
  migrations: { 1: (data) => ({ counts: [first.parse(data).count] }) },
});

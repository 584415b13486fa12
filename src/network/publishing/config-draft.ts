// Reads what an operator wrote: YAML, and with it JSON.
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { LIMITS } from '../../protocol/limits.js';
import { modelDigest, modelManifest } from '../../protocol/model-manifest.js';
import { checkDraft } from './check-draft.js';
import type { ConfigDraft } from './config-publisher.js';
import { ConfigDraftError } from './publishing-errors.js';

/** Aliases that may be expanded: enough for shared blocks, too few to blow a small file up. */
const MAX_ALIASES = 100;

/**
 * A model's `digest` may be left out: it follows from its files, or from id and version where the engine brings the weights.
 * @param text YAML 1.2 or JSON, at most 1 MiB
 * @throws ConfigDraftError with the line of a syntax error, or every field at fault
 */
export const readConfigDraft = (text: string): ConfigDraft => {
  if (Buffer.byteLength(text) > LIMITS.configBytes) {
    throw new ConfigDraftError([{ field: '', reason: `more than ${LIMITS.configBytes} bytes` }]);
  }
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigDraftError(
      document.errors.map(({ message }) => ({ field: '', reason: message.split('\n')[0] ?? message })),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new ConfigDraftError([{ field: '', reason: `more than ${MAX_ALIASES} aliases are expanded` }]);
  }
  return checkDraft(withDigests(value));
};

const undigested = z.looseObject({
  digest: z.undefined().optional(),
  id: z.string(),
  version: z.string(),
  files: modelManifest,
});

const withDigests = (draft: unknown): unknown => {
  const parsed = z.looseObject({ models: z.array(z.unknown()) }).safeParse(draft);
  if (!parsed.success) return draft;
  const models = parsed.data.models.map((model) => {
    const entry = undigested.safeParse(model);
    return entry.success ? { ...entry.data, digest: modelDigest(entry.data) } : model;
  });
  return { ...parsed.data, models };
};

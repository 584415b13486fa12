// Judges a draft before anything is signed: the bounds every node checks, and what only a whole draft can get wrong.
import { z } from 'zod';
import { configSnapshot, type ModelEntry, modelEntry } from '../../protocol/config-snapshot.js';
import { modelDigest } from '../../protocol/model-manifest.js';
import { ENDPOINT_TASK } from '../../protocol/openai/endpoint.js';
import { millis } from '../../protocol/primitives.js';
import type { ConfigDraft } from './config-publisher.js';
import { ConfigDraftError, type DraftFault } from './publishing-errors.js';

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

const draftSchema = configSnapshot
  .omit({ kind: true, network: true, version: true, issued_ms: true, expires_ms: true })
  .extend({
    // The same list, judged below entry by entry, so that the one at fault is named.
    models: z.array(modelEntry).max(256),
    expires_in_ms: millis.min(MINUTE_MS).max(YEAR_MS).optional(),
  });

/**
 * @param draft anything an operator wrote
 * @throws ConfigDraftError with every fault found
 */
export const checkDraft = (draft: unknown): ConfigDraft => {
  const parsed = draftSchema.safeParse(draft);
  if (!parsed.success) throw new ConfigDraftError(parsed.error.issues.flatMap(faultsOf));
  const { expires_in_ms, ...rest } = parsed.data;
  const faults = [...unknownFields(draft, parsed.data, []), ...contradictions(rest)];
  if (faults.length > 0) throw new ConfigDraftError(faults);
  return expires_in_ms === undefined ? rest : { ...rest, expires_in_ms };
};

const faultsOf = ({ path, message }: z.core.$ZodIssue): DraftFault[] => [
  { field: path.join('.'), reason: message },
];

/** Fields the schema dropped: mistyped ones, for a draft is written by hand. */
const unknownFields = (given: unknown, kept: unknown, path: readonly (string | number)[]): DraftFault[] => {
  if (Array.isArray(given) && Array.isArray(kept)) {
    return given.flatMap((item, at) => unknownFields(item, kept[at], [...path, at]));
  }
  if (!isRecord(given) || !isRecord(kept)) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    Object.hasOwn(kept, name) || value === undefined
      ? unknownFields(value, kept[name], [...path, name])
      : [{ field: [...path, name].join('.'), reason: 'there is no such field' }],
  );
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const contradictions = (draft: ConfigDraft): DraftFault[] => {
  const runtimes = new Set(draft.runtimes.map(({ engine }) => engine));
  return [
    ...repeated(
      draft.models.map(({ id }) => id),
      'models',
      'id',
    ),
    ...repeated(
      draft.models.map(({ digest }) => digest),
      'models',
      'digest',
    ),
    ...repeated(
      draft.runtimes.map(({ engine }) => engine),
      'runtimes',
      'engine',
    ),
    ...draft.models.flatMap((model, at) => modelFaults(model, `models.${at}`, runtimes)),
    ...(draft.ttl.retry_base_ms > draft.ttl.retry_cap_ms
      ? [{ field: 'ttl.retry_cap_ms', reason: 'smaller than ttl.retry_base_ms' }]
      : []),
  ];
};

const modelFaults = (model: ModelEntry, field: string, runtimes: ReadonlySet<string>): DraftFault[] => {
  const faults: DraftFault[] = [];
  const digest = modelDigest(model);
  if (model.digest !== digest) {
    faults.push({ field: `${field}.digest`, reason: `does not fit its files; it must be ${digest}` });
  }
  if (model.enabled && !model.engines.some((engine) => runtimes.has(engine))) {
    faults.push({ field: `${field}.engines`, reason: 'none of them is listed under runtimes' });
  }
  if (!model.tasks.includes(ENDPOINT_TASK[model.test.endpoint])) {
    faults.push({
      field: `${field}.test.endpoint`,
      reason: `tests ${ENDPOINT_TASK[model.test.endpoint]}, which is not among the model's tasks`,
    });
  }
  return faults;
};

const repeated = (names: readonly string[], list: string, key: string): DraftFault[] =>
  names.flatMap((name, at) =>
    names.indexOf(name) < at ? [{ field: `${list}.${at}.${key}`, reason: `'${name}' is listed twice` }] : [],
  );

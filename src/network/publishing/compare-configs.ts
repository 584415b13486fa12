// What a draft would change in the configuration in force, field by field: what an operator reads before publishing.
import type { ConfigSnapshot } from '../../protocol/config-snapshot.js';
import { type ConfigDraft, DEFAULT_EXPIRES_IN_MS } from './config-publisher.js';

export interface FieldChange {
  /** e.g. `models.demo-chat.context_tokens`: models go by id, runtimes by engine, files by path. */
  readonly field: string;
  /** As JSON, cut where it is long; absent: there is nothing on this side. */
  readonly before?: string;
  readonly after?: string;
}

/** Characters of a value that are shown. */
const SHOWN = 200;

/** By what the entries of a list are told apart; other lists are compared as a whole. */
const NAMED_BY: Readonly<Record<string, string>> = { models: 'id', runtimes: 'engine', files: 'path' };

/** @param before undefined: nothing is in force yet. @returns by field name; the order of lists is no change */
export const compareConfigs = (
  before: ConfigSnapshot | undefined,
  after: ConfigDraft,
): readonly FieldChange[] =>
  changesOf(
    before === undefined ? {} : draftOf(before),
    { ...after, expires_in_ms: after.expires_in_ms ?? DEFAULT_EXPIRES_IN_MS },
    [],
  ).sort((one, other) => (one.field < other.field ? -1 : 1));

/** What an operator would have written to get this snapshot, its life time spelt out. */
export const draftOf = (snapshot: ConfigSnapshot): ConfigDraft => {
  const { kind, network, version, issued_ms, expires_ms, ...content } = snapshot;
  return { ...content, expires_in_ms: expires_ms - issued_ms };
};

const changesOf = (before: unknown, after: unknown, path: readonly string[]): FieldChange[] => {
  const [was, is] = [partsOf(before, path), partsOf(after, path)];
  if (was === undefined || is === undefined) {
    const [b, a] = [shown(before), shown(after)];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    return [
      {
        field: path.join('.'),
        ...(b !== undefined && { before: b }),
        ...(a !== undefined && { after: a }),
      },
    ];
  }
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].flatMap((name) => changesOf(was.get(name), is.get(name), [...path, name]));
};

/** The named parts of an object or of a list whose entries have names; undefined for anything else. */
const partsOf = (value: unknown, path: readonly string[]): Map<string, unknown> | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const key = NAMED_BY[path.at(-1) ?? ''];
  if (key === undefined) return undefined;
  return new Map(value.map((entry: Record<string, unknown>) => [String(entry[key]), entry]));
};

const shown = (value: unknown): string | undefined => {
  const text = JSON.stringify(value);
  return text === undefined || text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
};

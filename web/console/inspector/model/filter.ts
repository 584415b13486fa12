// Which records the sequence shows, and steps stop at.
import type { ActorRecord, FeedRecord } from '../../../../src/console/feed/feed-records.js';
import { edgeWords, eventText } from './wording.js';

export interface Filter {
  /** Name of a statechart; null for all. */
  readonly machine: string | null;
  /** Session id; null for all. */
  readonly actor: string | null;
  /** Words an event's type must hold; one that begins with `-` must not be in it. */
  readonly text: string;
  /** Whether promises and callbacks have lifelines of their own. */
  readonly services: boolean;
}

export const ALL: Filter = { machine: null, actor: null, text: '', services: false };

export type Directory = ReadonlyMap<string, ActorRecord>;

/** Every actor that was ever born in the records. */
export const directoryOf = (records: readonly FeedRecord[]): Directory =>
  new Map(records.flatMap((record) => (record.kind === 'actor' ? [[record.actor, record]] : [])));

const matches = (texts: readonly string[], wanted: string): boolean =>
  wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .every((word) => {
      const has = (part: string) => texts.some((text) => text.toLowerCase().includes(part));
      return word.startsWith('-') ? !has(word.slice(1)) : has(word);
    });

const textsOf = (record: FeedRecord): string[] => {
  if (record.kind === 'event') return [record.type, eventText(record.type)];
  // A state is found by what led to it.
  if (record.kind === 'state') return record.edges.map((edge) => edgeWords(edge).event);
  return [record.id];
};

const partiesOf = (record: FeedRecord): (string | null)[] =>
  record.kind === 'event' ? [record.from, record.to] : [record.actor];

/** Whether a record is about what the filter asks for. */
export const accepts = (filter: Filter, directory: Directory, record: FeedRecord): boolean => {
  const parties = partiesOf(record);
  const machineOf = (actor: string | null) =>
    actor === null ? null : (directory.get(actor)?.machine ?? null);
  if (!filter.services) {
    const receiver = record.kind === 'event' ? record.to : record.actor;
    if (machineOf(receiver) === null) return false;
  }
  if (filter.machine !== null && !parties.some((actor) => machineOf(actor) === filter.machine)) return false;
  if (filter.actor !== null && !parties.includes(filter.actor)) return false;
  return matches(textsOf(record), filter.text);
};

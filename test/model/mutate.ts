// Plants a fault in a machine: the same machine with one place of its configuration changed.
import { type AnyStateMachine, createMachine } from 'xstate';

/** The tests of a machine, to be run on a mutant of it; each throws or returns what is missing. */
export interface Suites {
  /** Walks it as its own map; returns what was not reached. */
  readonly walk: (machine: never) => readonly string[];
  /** Holds it against its specification; left out where there is none. */
  readonly spec?: (machine: never) => void;
}

export interface Mutant {
  readonly fault: string;
  /** Keys into the configuration, for example `['states', 'idle', 'on']`. */
  readonly at: readonly string[];
  /** The changed value; undefined removes it. */
  readonly change: (found: never) => unknown;
}

const edited = (config: unknown, [key, ...rest]: readonly string[], change: Mutant['change']): unknown => {
  if (key === undefined) return change(config as never);
  const entries = config as Readonly<Record<string, unknown>> | readonly unknown[];
  const known = Array.isArray(entries) ? entries[Number(key)] : (entries as Record<string, unknown>)[key];
  if (known === undefined && rest.length > 0) throw new Error(`the configuration has no \`${key}\``);
  if (Array.isArray(entries)) {
    return entries.map((item, index) => (index === Number(key) ? edited(item, rest, change) : item));
  }
  const { [key]: found, ...others } = entries as Record<string, unknown>;
  const value = edited(found, rest, change);
  return value === undefined ? others : { ...others, [key]: value };
};

/** @throws Error the place does not exist, or the change changes nothing */
export const mutate = (machine: AnyStateMachine, { fault, at, change }: Mutant): AnyStateMachine => {
  const before = machine.config as object;
  const after = edited(before, at, change) as object;
  const text = (config: object): string =>
    JSON.stringify(config, (_key, value: unknown) => (typeof value === 'function' ? String(value) : value));
  if (text(before) === text(after)) throw new Error(`"${fault}" changes nothing`);
  const mutant: AnyStateMachine = createMachine(after as Parameters<typeof createMachine>[0]);
  return mutant.provide(machine.implementations as never);
};

export interface Found {
  readonly by: 'specification' | 'walk';
  readonly how: string;
}

/** Which suite finds a machine faulty first, and how; undefined for one that passes. */
export const findFault = (machine: AnyStateMachine, { walk, spec }: Suites): Found | undefined => {
  const attempt = (by: Found['by'], run: () => readonly string[]): Found | undefined => {
    try {
      const [missing] = run();
      return missing === undefined ? undefined : { by, how: `not reached: ${missing}` };
    } catch (error) {
      return { by, how: (error as Error).message.split('\n')[0] ?? '' };
    }
  };
  const inSpec = attempt('specification', () => {
    spec?.(machine as never);
    return [];
  });
  return inSpec ?? attempt('walk', () => walk(machine as never));
};

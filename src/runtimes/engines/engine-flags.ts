// Flags the network may add to an engine's start, as data: a name, and what its value may be. What is not listed is
// refused, for a flag can make an engine run code, read files or open ports.
import { z } from 'zod';
import type { EngineDefinition } from './engine-definition.js';
import { refuseStart } from './engine-start-error.js';

const wholeValue = (source: string): RegExp => new RegExp(`^(?:${source})$`, 'u');

/** A value may neither be read as a flag nor be empty where one is asked for. */
const isValuePattern = (source: string): boolean => {
  try {
    const pattern = wholeValue(source);
    return source === '' || !['', '-', '--', '--x', '/x', '{x}'].some((value) => pattern.test(value));
  } catch {
    return false;
  }
};

export const engineFlagsSchema = z.strictObject({
  /** `joined`: `--name=value` in one argument; `separate`: two arguments. */
  form: z.enum(['joined', 'separate']),
  /** By name without dashes: the source of a regular expression for the whole value; empty: it takes none. */
  allowed: z.record(
    z.string().regex(/^[a-z][a-z0-9-]*$/),
    z.string().refine(isValuePattern, { error: 'no pattern, or one that lets a flag or a path through' }),
  ),
});

/** @throws EngineStartInvalidError a flag that is not on the list, or a value that does not fit */
export const flagArguments = (
  definition: EngineDefinition,
  flags: Readonly<Record<string, string>>,
): readonly string[] => {
  const { form, allowed } = definition.flags;
  return Object.entries(flags).flatMap(([name, value]) => {
    const source = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (source === undefined) {
      return refuseStart(
        definition,
        `the flag ${JSON.stringify(name)} is not allowed`,
        'Update the node, or ask the network to leave the flag out.',
      );
    }
    if (!wholeValue(source).test(value)) {
      const what = JSON.stringify(value.slice(0, 80));
      return refuseStart(
        definition,
        `the flag ${name} cannot have the value ${what}`,
        source === '' ? 'It takes no value.' : `Its value has to match ${source}.`,
      );
    }
    if (source === '') return [`--${name}`];
    return form === 'joined' ? [`--${name}=${value}`] : [`--${name}`, value];
  });
};

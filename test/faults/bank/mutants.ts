// The planted faults, as data: what is replaced in which file, why that would hurt, and the tests that must notice.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const mutant = z.strictObject({
  fault: z.string().min(1),
  story: z.string().min(1),
  /** From the root of the repository. */
  file: z.string().regex(/^src\/[\w./-]+\.ts$/),
  /** Occurs once in the file; indentation does not matter. */
  from: z.string().min(1),
  to: z.string(),
  tests: z.array(z.string().regex(/^test\/[\w./-]+\.test\.ts$/)).min(1),
  /** Only the tests whose title holds this pattern. */
  title: z.string().optional(),
  /** Of the fault suite's chance: the run that once found this fault. */
  seed: z.int().min(0).optional(),
  /** Of the fault suite's own tests; 0.02 unless told. */
  share: z.number().gt(0).lt(1).optional(),
  /** A program of the system without which these tests are skipped. */
  needs: z.literal('strace').optional(),
});
export type Mutant = z.infer<typeof mutant> & { readonly theme: string };

const DIRECTORY = join(import.meta.dirname, 'mutants');

export const allMutants = (): readonly Mutant[] =>
  readdirSync(DIRECTORY)
    .sort()
    .flatMap((name) =>
      z
        .array(mutant)
        .parse(parse(readFileSync(join(DIRECTORY, name), 'utf8')))
        .map((one) => ({ ...one, theme: name.replace('.yaml', '') })),
    );

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @throws Error the place is not there, is there twice, or nothing changes: a patch that rots proves nothing */
export const plant = (source: string, { fault, from, to }: Pick<Mutant, 'fault' | 'from' | 'to'>): string => {
  const lines = from.split('\n').map((line) => escaped(line.trim()));
  const found = [...source.matchAll(new RegExp(lines.join('\\s*\\n\\s*'), 'g'))];
  const [place] = found;
  if (place === undefined || found.length > 1)
    throw new Error(`"${fault}" no longer applies: its place is there ${found.length} times`);
  const changed = `${source.slice(0, place.index)}${to}${source.slice(place.index + place[0].length)}`;
  if (changed === source) throw new Error(`"${fault}" changes nothing`);
  return changed;
};

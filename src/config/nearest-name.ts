// The name that was probably meant, for a name nobody knows.

/** Levenshtein distance: insertions, deletions and substitutions of one character. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** @returns the known name with the fewest differences, letters' case ignored; undefined when there are no names */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  // A name of any length may come from the environment; beyond this it resembles nothing.
  const wanted = name.slice(0, 128).toLowerCase();
  let best: { readonly name: string; readonly apart: number } | undefined;
  for (const candidate of known) {
    const apart = distance(wanted, candidate.toLowerCase());
    if (best === undefined || apart < best.apart) best = { name: candidate, apart };
  }
  return best?.name;
};

// Which network the daemon's one Runtime works for: pure. Networks that ask for the same engine share it; otherwise the
// owner's order decides.
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';

/** What a network's node wants now. */
export interface RuntimeWish {
  /** undefined: nothing. */
  readonly spec: RuntimeSpec | undefined;
  /** It was tried, and is not going to work before somebody mends it. */
  readonly isHopeless: boolean;
}

export interface RuntimeAward {
  /** As the holder wants it: its bounds hold for all who share. */
  readonly spec: RuntimeSpec;
  /** Places in the list of wishes. */
  readonly holder: number;
  /** All whom it serves, the holder among them. */
  readonly sharers: readonly number[];
}

/**
 * What two specs must have in common for one Runtime to serve both: engine, images, flags, context and models, by name and
 * content. How many requests at once and how much memory are bounds, no part of it; where it comes from even less.
 */
export const runtimeKey = ({
  engine,
  image,
  bridgeImage,
  flags,
  contextTokens,
  models,
}: RuntimeSpec): string =>
  JSON.stringify([
    engine,
    image ?? null,
    bridgeImage ?? null,
    contextTokens,
    Object.entries(flags).sort(byText),
    models.map(({ id, digest, tasks }) => [digest, id, [...tasks].sort()]).sort(byText),
  ]);

const byText = (one: unknown, other: unknown): number => {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  return a < b ? -1 : a > b ? 1 : 0;
};

/**
 * @param wishes in the owner's order, the preferred network first
 * @returns undefined when nobody wants anything
 */
export const awardRuntime = (wishes: readonly RuntimeWish[]): RuntimeAward | undefined => {
  const wanting = wishes.flatMap(({ spec, isHopeless }, at) =>
    spec === undefined ? [] : [{ at, spec, isHopeless, key: runtimeKey(spec) }],
  );
  const holder = wanting.find(({ isHopeless }) => !isHopeless) ?? wanting[0];
  if (holder === undefined) return undefined;
  return {
    spec: holder.spec,
    holder: holder.at,
    sharers: wanting.filter(({ key }) => key === holder.key).map(({ at }) => at),
  };
};

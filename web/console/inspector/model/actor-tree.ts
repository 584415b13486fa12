// The actors of a moment as a tree: networks in the owner's order, and in each the actors below the one that called them.
import { type ActorView, isLiving, type Situation } from './situation.js';

export interface TreeActor {
  readonly view: ActorView;
  readonly isLiving: boolean;
  readonly children: readonly TreeActor[];
}

export interface TreeGroup {
  /** Position in the owner's order; null for what all networks share. */
  readonly network: number | null;
  readonly roots: readonly TreeActor[];
}

export interface TreeOptions {
  readonly services: boolean;
  /** How many that have ended are shown, the newest. */
  readonly ended: number;
}

const byBirth = (a: ActorView, b: ActorView): number => a.actor.seq - b.actor.seq;

/** Networks first, in the owner's order; what all share comes last. */
const byNetwork = (a: number | null, b: number | null): number =>
  (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY);

export const actorTree = ({ actors }: Situation, options: TreeOptions): TreeGroup[] => {
  const wanted = [...actors.values()].filter((view) => options.services || view.actor.machine !== null);
  const ended = wanted
    .filter((view) => !isLiving(view))
    .sort((a, b) => (b.state?.seq ?? 0) - (a.state?.seq ?? 0));
  const shown = [...wanted.filter(isLiving), ...ended.slice(0, options.ended)].sort(byBirth);
  const ids = new Set(shown.map(({ actor }) => actor.actor));
  /** The nearest one above that is shown: a statechart stands below the one whose service made it. */
  const above = ({ actor: { parent } }: ActorView): string | null => {
    if (parent === null || ids.has(parent)) return parent;
    const view = actors.get(parent);
    return view === undefined ? null : above(view);
  };
  const parents = new Map(shown.map((view) => [view, above(view)]));
  const treeOf = (view: ActorView): TreeActor => ({
    view,
    isLiving: isLiving(view),
    children: shown.filter((child) => parents.get(child) === view.actor.actor).map(treeOf),
  });
  const roots = shown.filter((view) => parents.get(view) === null);
  const networks = [...new Set(roots.map(({ actor }) => actor.network))].sort(byNetwork);
  return networks.map((network) => ({
    network,
    roots: roots.filter(({ actor }) => actor.network === network).map(treeOf),
  }));
};

/** All actors of the tree as they are read, from top to bottom. */
export const inReadingOrder = (groups: readonly TreeGroup[]): TreeActor[] => {
  const below = (tree: TreeActor): TreeActor[] => [tree, ...tree.children.flatMap(below)];
  return groups.flatMap(({ roots }) => roots.flatMap(below));
};

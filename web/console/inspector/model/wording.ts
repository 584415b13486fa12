// How ids of states, events and transitions read to a person.

/** XState's own event types in plain words: `runInference is done`, `after retryDelay`; all others as they are. */
export const eventText = (type: string): string => {
  if (type === '') return 'always';
  if (type === 'xstate.init') return 'start';
  if (type === 'xstate.stop') return 'stop';
  const actor = /^xstate\.(done|error)\.actor\.(.+)$/.exec(type);
  // An invocation without an id of its own is called after its place: `0.job.signing`.
  if (actor) return `${(actor[2] ?? '').replace(/^\d+\./, '')} ${actor[1] === 'done' ? 'is done' : 'fails'}`;
  if (type.startsWith('xstate.done.state.')) return 'all done';
  const after = /^xstate\.after\.([^.]+)\./.exec(type);
  if (after) return /^\d+$/.test(after[1] ?? '') ? `after ${after[1]} ms` : `after ${after[1]}`;
  return type.replace(/^xstate\./, '');
};

export interface EdgeWords {
  /** Id of the state that is left. */
  readonly source: string;
  readonly event: string;
}

/** @param key `source id|event type|index` */
export const edgeWords = (key: string): EdgeWords => {
  const end = key.lastIndexOf('|');
  const begin = key.indexOf('|');
  if (begin < 0 || end <= begin) return { source: key, event: '' };
  return { source: key.slice(0, begin), event: eventText(key.slice(begin + 1, end)) };
};

/** Those that have no active state inside them. */
export const leavesOf = (nodes: readonly string[]): string[] =>
  nodes.filter((node) => !nodes.some((other) => other.startsWith(`${node}.`)));

/** Without the machine's own name: `held.online`; the machine itself stays as it is. */
export const pathOf = (node: string): string => node.slice(node.indexOf('.') + 1);

/** `held.online`; of regions that are active together, each. */
export const stateText = (nodes: readonly string[]): string => leavesOf(nodes).map(pathOf).join(' · ');

/** In a line's end: `held.online`, or what regions have in common and how many they are, `operating (7)`. */
export const briefStateText = (nodes: readonly string[]): string => {
  const leaves = leavesOf(nodes);
  if (leaves.length < 2) return stateText(nodes);
  const common = nodes.filter((node) => leaves.every((leaf) => leaf.startsWith(`${node}.`)));
  const nearest = common.reduce((longest, node) => (node.length > longest.length ? node : longest), '');
  return nearest === '' ? stateText(nodes) : `${pathOf(nearest)} (${leaves.length})`;
};

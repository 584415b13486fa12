// Who lives: networks, and in each its actors with their states, as a tree that keys walk.
// biome-ignore-all lint/a11y/useSemanticElements: HTML has no element for a tree.
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a list is what a tree is without its keys.
import './actor-list.css';
import { useRef } from 'preact/hooks';
import { EmptyState } from '../../../look/empty-state.js';
import { route } from '../../shell/current-route.js';
import { hrefOf } from '../../shell/route.js';
import type { InspectorState } from '../inspector-state.js';
import { actorTree, inReadingOrder, type TreeActor } from '../model/actor-tree.js';
import { briefStateText, stateText } from '../model/wording.js';

interface ActorListProps {
  readonly inspector: InspectorState;
}

const STATUS_WORDS = { active: 'runs', done: 'done', error: 'failed', stopped: 'stopped' } as const;

/** Statecharts that have ended and are still listed. */
const ENDED = 6;

const stateWords = ({ view: { actor, state }, isLiving }: TreeActor, wordsOf = briefStateText): string => {
  if (state === null) return actor.machine === null ? 'runs' : '';
  const words = wordsOf(state.nodes);
  if (isLiving) return words === '' ? STATUS_WORDS.active : words;
  return words === '' ? STATUS_WORDS[state.status] : `${words}, ${STATUS_WORDS[state.status]}`;
};

export const ActorList = ({ inspector }: ActorListProps) => {
  const list = useRef<HTMLUListElement>(null);
  const { services } = inspector.filter.value;
  const groups = actorTree(inspector.situation.value, { services, ended: ENDED });
  const order = inReadingOrder(groups);
  const chosen = inspector.selection.value;
  const selected =
    chosen !== null && 'actor' in chosen
      ? chosen.actor
      : chosen === null
        ? (inspector.shown.value.actor?.actor.actor ?? null)
        : null;
  const reachable = order.some(({ view }) => view.actor.actor === selected)
    ? selected
    : (order[0]?.view.actor.actor ?? null);
  const names = inspector.origin.value.networks;

  const choose = (actor: string): void => {
    inspector.selection.value = { actor };
    // The chart and the state of the address are no longer what is looked at.
    if (route.peek().rest.length > 0) location.replace(hrefOf(route.peek().view));
  };
  const walk = (event: KeyboardEvent): void => {
    const index = order.findIndex(({ view }) => view.actor.actor === reachable);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: order.length - 1,
    };
    const target = order[targets[event.key] ?? -1]?.view.actor.actor;
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(target);
    list.current?.querySelector<HTMLElement>(`[data-actor="${CSS.escape(target)}"]`)?.focus();
  };

  const item = (tree: TreeActor, level: number) => {
    const { actor } = tree.view;
    const words = stateWords(tree);
    return (
      <li key={actor.actor} role="none">
        <div
          role="treeitem"
          class={`actor${tree.isLiving ? '' : ' actor-ended'}${actor.machine === null ? ' actor-service' : ''}`}
          data-actor={actor.actor}
          aria-level={level}
          aria-selected={actor.actor === selected}
          tabIndex={actor.actor === reachable ? 0 : -1}
          onClick={() => choose(actor.actor)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            choose(actor.actor);
          }}
        >
          <span class="actor-id">{actor.id}</span>
          <span class="actor-state" title={stateWords(tree, stateText)}>
            {words}
          </span>
        </div>
        {tree.children.length === 0 ? null : (
          <ul role="group">{tree.children.map((child) => item(child, level + 1))}</ul>
        )}
      </li>
    );
  };

  if (groups.length === 0) {
    return <EmptyState title="Nobody lives at this moment">Go on to a later one.</EmptyState>;
  }
  return (
    <ul ref={list} role="tree" aria-label="Actors" class="actors" onKeyDown={walk}>
      {groups.map(({ network, roots }) => {
        const name =
          network === null ? 'Shared by all networks' : (names[network] ?? `Network ${network + 1}`);
        return (
          <li key={network ?? 'shared'} role="none">
            <p class="actors-network" id={`actors-${network ?? 'shared'}`}>
              {name}
            </p>
            <ul role="group" aria-labelledby={`actors-${network ?? 'shared'}`}>
              {roots.map((root) => item(root, 1))}
            </ul>
          </li>
        );
      })}
    </ul>
  );
};

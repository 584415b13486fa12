// Narrows the messages: by statechart, by actor, by words of the event's type.
import '../../../look/field.css';
import type { InspectorState } from '../inspector-state.js';
import type { Filter } from '../model/filter.js';

interface FilterBarProps {
  readonly inspector: InspectorState;
  readonly machines: readonly string[];
}

export const FilterBar = ({ inspector, machines }: FilterBarProps) => {
  const filter = inspector.filter.value;
  const change = (part: Partial<Filter>): void => {
    inspector.filter.value = { ...filter, ...part };
  };
  const actors = [...inspector.situation.value.actors.values()].filter(
    ({ actor }) => filter.services || actor.machine !== null,
  );
  return (
    <search class="filter-bar" aria-label="Messages">
      <label>
        <span class="unseen">Statechart</span>
        <select
          class="input"
          value={filter.machine ?? ''}
          onChange={({ currentTarget }) => change({ machine: currentTarget.value || null })}
        >
          <option value="">All statecharts</option>
          {machines.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="unseen">Actor</span>
        <select
          class="input"
          value={filter.actor ?? ''}
          onChange={({ currentTarget }) => change({ actor: currentTarget.value || null })}
        >
          <option value="">All actors</option>
          {actors.map(({ actor }) => (
            <option key={actor.actor} value={actor.actor}>
              {`${actor.id} (${actor.actor})`}
            </option>
          ))}
          {filter.actor === null || actors.some(({ actor }) => actor.actor === filter.actor) ? null : (
            <option value={filter.actor}>{filter.actor}</option>
          )}
        </select>
      </label>
      <label class="filter-text">
        <span class="unseen">Event type</span>
        <input
          class="input"
          type="search"
          placeholder="Event type, -without"
          value={filter.text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
      </label>
      <label class="filter-check">
        <input
          type="checkbox"
          checked={filter.services}
          onChange={({ currentTarget }) => change({ services: currentTarget.checked })}
        />
        Services
      </label>
    </search>
  );
};

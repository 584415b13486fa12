// The end of the node's log, as it is written.
import './logs-view.css';
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LogEntry } from '../../../src/console/feed/feed-messages.js';
import { counted } from '../../look/amounts.js';
import { clockTime } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { route, setQuery } from '../shell/current-route.js';
import type { ViewProps } from '../shell/node-access.js';
import { toneOfLevel } from '../words/tones.js';
import { componentsOf, isWantedLine, LEVELS, type WantedLines } from './wanted-lines.js';

/** As far from the end as counts as at the end; CSS pixels. */
const NEAR_PX = 24;

const wantedNow = (): WantedLines => {
  const { query } = route.value;
  const of = (name: string): string => query.get(name) ?? '';
  return { level: of('level'), text: of('text'), component: of('component') };
};

export const LogsView = ({ node }: ViewProps) => {
  const isFollowing = useSignal(true);
  const components = useComputed(() => componentsOf(node.feed.logs.value)).value;
  const wanted = wantedNow();
  const shown = node.feed.logs.value.filter(isWantedLine(wanted));
  const choose = (change: Partial<WantedLines>): void => setQuery({ ...wanted, ...change });
  return (
    <div class="logs">
      <h1>Log</h1>
      <search class="filters" aria-label="Filter the log">
        <Field
          label="Text"
          control={(ids) => (
            <input
              {...ids}
              class="input"
              type="search"
              value={wanted.text}
              onInput={({ currentTarget }) => choose({ text: currentTarget.value })}
            />
          )}
        />
        <Field
          label="Level, at least"
          control={(ids) => (
            <select
              {...ids}
              class="input"
              value={wanted.level}
              onChange={({ currentTarget }) => choose({ level: currentTarget.value })}
            >
              <option value="">any</option>
              {LEVELS.slice(1).map((level) => (
                <option key={level}>{level}</option>
              ))}
            </select>
          )}
        />
        <Field
          label="Component"
          control={(ids) => (
            <select
              {...ids}
              class="input"
              value={wanted.component}
              onChange={({ currentTarget }) => choose({ component: currentTarget.value })}
            >
              <option value="">any</option>
              {components.map((component) => (
                <option key={component}>{component}</option>
              ))}
            </select>
          )}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={isFollowing.value}
            onChange={({ currentTarget }) => {
              isFollowing.value = currentTarget.checked;
            }}
          />
          Follow
        </label>
      </search>
      <p class="quiet logs-count">{counted(shown.length, 'line')}</p>
      <LogLines
        lines={shown}
        isFollowing={isFollowing.value}
        onFollowing={(following) => {
          isFollowing.value = following;
        }}
      />
    </div>
  );
};

interface LogLinesProps {
  readonly lines: readonly LogEntry[];
  readonly isFollowing: boolean;
  /** The reader went to the end, or away from it. */
  readonly onFollowing: (isFollowing: boolean) => void;
}

const LogLines = ({ lines, isFollowing, onFollowing }: LogLinesProps) => {
  const box = useRef<HTMLDivElement>(null);
  const newest = lines.at(-1)?.seq;
  // A new line, or another filter, is what moves it.
  useEffect(() => {
    const element = box.current;
    if (element !== null && isFollowing) element.scrollTop = element.scrollHeight;
  }, [newest, lines.length, isFollowing]);
  const watch = ({ currentTarget }: { readonly currentTarget: HTMLDivElement }): void => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget;
    onFollowing(scrollHeight - scrollTop - clientHeight < NEAR_PX);
  };
  return (
    // Only what is followed is read out: otherwise a busy log would drown everything else.
    <div
      ref={box}
      class="log-lines"
      role="log"
      aria-label="Log"
      aria-live={isFollowing ? 'polite' : 'off'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      onScroll={watch}
    >
      {lines.length === 0 ? (
        <EmptyState title="No line is like that" />
      ) : (
        lines.map((line) => <LogLine key={line.seq} line={line} />)
      )}
    </div>
  );
};

const LogLine = ({ line }: { readonly line: LogEntry }) => (
  <div class="log-line">
    <time dateTime={new Date(line.atMs).toISOString()}>{clockTime(line.atMs)}</time>
    <span class={`log-level tone-${toneOfLevel(line.level)}`}>{line.level}</span>
    <span class="log-component">{line.component ?? line.network ?? ''}</span>
    <span class="log-message">
      {line.message}
      {line.job === null ? null : <span class="quiet"> job …{line.job.slice(-10)}</span>}
      {line.network === null || line.component === null ? null : <span class="quiet"> {line.network}</span>}
    </span>
  </div>
);

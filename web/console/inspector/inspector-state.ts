// What the inspector shows, as signals: a recording that grows with the feed or was opened from a file, the moment looked
// at, and what is chosen of it.
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { FeedState } from '../feed/feed-state.js';
import { ALL, type Directory, directoryOf, type Filter } from './model/filter.js';
import { momentOf, type Playhead, step } from './model/playhead.js';
import { append, EMPTY, type Recording, recordingOf, resume } from './model/recording.js';
import type { RecordingFile } from './model/recording-file.js';
import { type Selection, type Shown, shownAt, successorOf } from './model/selection.js';
import { rowsOf, type SequenceRow } from './model/sequence-rows.js';
import { type Situation, situationAt } from './model/situation.js';

export interface OpenedFile extends RecordingFile {
  readonly name: string;
}

/** Where records come from: a node that speaks, one that does not answer, or a file alone. */
export type Source = 'live' | 'gone' | 'none';

/** Whose recording it is. */
export interface Origin {
  readonly agentVersion: string;
  /** Names of the networks, in the owner's order. */
  readonly networks: readonly string[];
}

export interface InspectorState {
  readonly recording: ReadonlySignal<Recording>;
  readonly origin: ReadonlySignal<Origin>;
  readonly directory: ReadonlySignal<Directory>;
  readonly rows: ReadonlySignal<readonly SequenceRow[]>;
  /** The last record that counts. */
  readonly moment: ReadonlySignal<number>;
  readonly situation: ReadonlySignal<Situation>;
  readonly shown: ReadonlySignal<Shown>;
  readonly filter: Signal<Filter>;
  readonly playhead: Signal<Playhead>;
  readonly selection: Signal<Selection>;
  /** Whether the chart goes along: to the active states, and from an ended job to the next. */
  readonly isFollowing: Signal<boolean>;
  /** Null while the feed is shown. */
  readonly opened: Signal<OpenedFile | null>;
  /** Shows the feed, at its newest moment. */
  goLive(): void;
  open(file: OpenedFile): void;
  /** Stops at the newest moment, or goes on from wherever it is. */
  togglePause(): void;
  /** To another row that the filter shows. @param by negative is back; infinite is the first or the last */
  stepBy(by: number): void;
  goTo(seq: number): void;
}

/** The page is drawn at most this often, however fast the node is. */
const REDRAW_MS = 100;

const ORIGIN: Origin = { agentVersion: '', networks: [] };

const originOf = ({ agentVersion, status }: FeedState): Origin => ({
  agentVersion,
  networks: (status.networks ?? [status.network]).map(
    ({ name, url }, index) => name ?? url ?? `network ${index + 1}`,
  ),
});

/** Follows the feed with a recording of its own, which outlives reconnections. */
const recordFeed = (feed: ReadonlySignal<FeedState | null>) => {
  const recording = signal<Recording>(EMPTY);
  const origin = signal<Origin>(ORIGIN);
  let session: number | null = null;
  let isDue = false;
  const take = (): void => {
    isDue = false;
    const state = feed.peek();
    if (state === null) return;
    batch(() => {
      const known = recording.peek();
      recording.value =
        state.session === session
          ? append(known, state.records)
          : resume(known, recordingOf(state.actors, state.records));
      const next = originOf(state);
      if (JSON.stringify(next) !== JSON.stringify(origin.peek())) origin.value = next;
    });
    session = state.session;
  };
  effect(() => {
    if (feed.value === null || isDue) return;
    isDue = true;
    setTimeout(take, session === null ? 0 : REDRAW_MS);
  });
  return { recording, origin };
};

export const createInspectorState = (feed: ReadonlySignal<FeedState | null>): InspectorState => {
  const live = recordFeed(feed);
  const opened = signal<OpenedFile | null>(null);
  const playhead = signal<Playhead>('live');
  const filter = signal<Filter>(ALL);
  const selection = signal<Selection>(null);
  const isFollowing = signal(true);

  const recording = computed(() => opened.value?.recording ?? live.recording.value);
  const origin = computed<Origin>(() => opened.value?.header ?? live.origin.value);
  const directory = computed(() => directoryOf(recording.value.records));
  const rows = computed(() => rowsOf(recording.value, directory.value, filter.value));
  const moment = computed(() => momentOf(playhead.value, recording.value));
  const situation = computed(() => situationAt(recording.value.records, moment.value));
  const shown = computed(() => shownAt(situation.value, selection.value));

  effect(() => {
    const chosen = selection.value;
    if (playhead.value !== 'live' || !isFollowing.value || chosen === null || !('actor' in chosen)) return;
    const next = successorOf(situation.value, chosen.actor);
    if (next !== null) selection.value = { actor: next };
  });

  const lastSeq = (): number => momentOf('live', recording.peek());
  return {
    recording,
    origin,
    directory,
    rows,
    moment,
    situation,
    shown,
    filter,
    playhead,
    selection,
    isFollowing,
    opened,
    goLive: () =>
      batch(() => {
        // Actors of a file have other ids than those of the node.
        if (opened.peek() !== null) selection.value = null;
        opened.value = null;
        playhead.value = 'live';
      }),
    open: (file) =>
      batch(() => {
        opened.value = file;
        playhead.value = file.recording.records.at(-1)?.seq ?? -1;
        selection.value = null;
        filter.value = ALL;
      }),
    togglePause: () => {
      playhead.value = playhead.peek() === 'live' || opened.peek() !== null ? lastSeq() : 'live';
    },
    stepBy: (by) => {
      playhead.value = step(rows.peek(), moment.peek(), by);
    },
    goTo: (seq) => {
      playhead.value = seq;
    },
  };
};

// Time: live or stopped, a step back or on, and a slider over all that is recorded.
import './timeline-bar.css';
import { Badge } from '../../../look/badge.js';
import { Button } from '../../../look/button.js';
import { clockTime } from '../../../look/durations.js';
import type { InspectorState, Source } from '../inspector-state.js';
import { rowIndexAt } from '../model/playhead.js';
import { usePlayback } from './use-playback.js';

interface TimelineBarProps {
  readonly inspector: InspectorState;
  readonly source: Source;
}

export const TimelineBar = ({ inspector, source }: TimelineBarProps) => {
  const rows = inspector.rows.value;
  const moment = inspector.moment.value;
  const index = Math.max(0, rowIndexAt(rows, moment));
  const isLive = inspector.playhead.value === 'live';
  const isFile = inspector.opened.value !== null;
  const playback = usePlayback(inspector);
  const atMs = inspector.situation.value.atMs;
  return (
    <div class="playbar">
      {isFile ? (
        <Badge tone="info">File</Badge>
      ) : (
        <Button
          kind={isLive ? 'plain' : 'primary'}
          class="playbar-pause"
          aria-keyshortcuts="Space"
          onClick={inspector.togglePause}
        >
          {isLive ? 'Pause' : 'Go live'}
        </Button>
      )}
      <div class="playbar-steps">
        <Button aria-label="Step back" aria-keyshortcuts="ArrowLeft" onClick={() => inspector.stepBy(-1)}>
          ‹
        </Button>
        <Button
          class="playbar-play"
          aria-label={playback.isPlaying ? 'Stop playing' : 'Play from here'}
          disabled={isLive || (!playback.isPlaying && index >= rows.length - 1)}
          onClick={playback.toggle}
        >
          {playback.isPlaying ? '■' : '▶'}
        </Button>
        <Button aria-label="Step forward" aria-keyshortcuts="ArrowRight" onClick={() => inspector.stepBy(1)}>
          ›
        </Button>
      </div>
      <input
        class="playbar-slider"
        type="range"
        aria-label="Moment"
        aria-valuetext={atMs === null ? 'nothing recorded' : `${clockTime(atMs)}, record ${moment}`}
        min={0}
        max={Math.max(0, rows.length - 1)}
        step={1}
        value={index}
        onInput={({ currentTarget }) => {
          const row = rows[Number(currentTarget.value)];
          if (row !== undefined) inspector.goTo(row.seq);
        }}
      />
      <span class="playbar-moment">
        {isLive ? (
          <Badge tone={source === 'live' ? 'ok' : 'warn'} isLive={source === 'live'}>
            {source === 'live' ? 'Live' : 'Node is gone'}
          </Badge>
        ) : (
          <>
            {atMs === null ? '' : clockTime(atMs)} <span class="quiet">#{moment}</span>
          </>
        )}
      </span>
    </div>
  );
};

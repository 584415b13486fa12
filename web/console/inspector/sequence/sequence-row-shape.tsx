// One row of the sequence diagram: an arrow for a message, a mark on a lifeline for a state.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the timeline's keys step from row to row.
// biome-ignore-all lint/a11y/noStaticElementInteractions: the picture is hidden from readers; the row looked at is told in words.
import { clockTime } from '../../../look/durations.js';
import { LANE_WIDTH, type PlacedRow, ROW_HEIGHT } from '../model/sequence-layout.js';

interface SequenceRowShapeProps {
  readonly placed: PlacedRow;
  readonly width: number;
  readonly isCurrent: boolean;
  /** Whether it is the first row of its second. */
  readonly hasTime: boolean;
  onChoose(): void;
}

/** Characters that fit into a pill on a lane, and above an arrow across one. */
const PILL = 21;
const shortened = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

/** Of a state the innermost names say most. */
const ending = (text: string, longest: number): string =>
  text.length <= longest ? text : `…${text.slice(1 - longest)}`;

const headAt = (x: number, y: number, way: number): string => `M${x} ${y}l${-7 * way} -3.5v7Z`;

const Message = ({ placed: { y, fromX, toX }, label }: { placed: PlacedRow; label: string }) => {
  if (fromX === null || toX === null) return null;
  const low = y + 5;
  if (fromX === toX) {
    return (
      <>
        <path class="arrow" d={`M${fromX} ${y - 5}h14a4 4 0 0 1 4 4v2a4 4 0 0 1 -4 4h-8`} />
        <path class="arrow-head" d={headAt(fromX + 1, low, -1)} />
        <text x={fromX + 24} y={y + 4}>
          {shortened(label, 22)}
        </text>
      </>
    );
  }
  const way = Math.sign(toX - fromX);
  const room = Math.floor((Math.abs(toX - fromX) - 12) / 6);
  return (
    <>
      <path class="arrow" d={`M${fromX} ${low}H${toX - way * 6}`} />
      <path class="arrow-head" d={headAt(toX, low, way)} />
      <text x={(fromX + toX) / 2} y={low - 5} class="middle">
        {shortened(label, room)}
      </text>
    </>
  );
};

const Mark = ({ placed: { row, y, fromX }, label }: { placed: PlacedRow; label: string }) => {
  if (fromX === null) return null;
  if (row.kind === 'birth') return <circle class="birth" cx={fromX} cy={y} r={4} />;
  const text = ending(label, PILL);
  const width = Math.min(LANE_WIDTH - 8, text.length * 6.4 + 16);
  return (
    <g class={`mark mark-${row.kind}`}>
      <rect x={fromX - width / 2} y={y - 9} width={width} height={18} rx={9} />
      <text x={fromX} y={y + 4} class="middle">
        {text}
      </text>
    </g>
  );
};

export const SequenceRowShape = ({ placed, width, isCurrent, hasTime, onChoose }: SequenceRowShapeProps) => {
  const { row, y } = placed;
  return (
    <g
      class={`sequence-row${isCurrent ? ' current' : ''}`}
      data-seq={row.seq}
      data-kind={row.kind}
      onClick={onChoose}
    >
      <rect class="hit" x={0} y={y - ROW_HEIGHT / 2} width={width} height={ROW_HEIGHT} />
      {hasTime || isCurrent ? (
        <text x={8} y={y + 4} class="time">
          {clockTime(row.atMs)}
        </text>
      ) : null}
      {row.kind === 'event' ? <Message placed={placed} label={row.label} /> : null}
      {row.kind === 'gap' ? (
        <text x={84} y={y + 4} class="gap">
          {row.missed} records missed
        </text>
      ) : null}
      {row.kind === 'event' || row.kind === 'gap' ? null : <Mark placed={placed} label={row.label} />}
    </g>
  );
};

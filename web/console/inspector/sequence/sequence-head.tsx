// Whose lifeline is whose: stays at the top while the messages scroll.
import type { Directory } from '../model/filter.js';
import { LANE_WIDTH, type Lane, OUTSIDE } from '../model/sequence-layout.js';
import { remOf } from './rem.js';

interface SequenceHeadProps {
  readonly lanes: readonly Lane[];
  readonly width: number;
  readonly directory: Directory;
}

const HEAD_HEIGHT = 38;

const shortened = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

export const SequenceHead = ({ lanes, width, directory }: SequenceHeadProps) => {
  const nameOf = (actors: readonly string[]): string => {
    const newest = actors.at(-1) ?? OUTSIDE;
    return directory.get(newest)?.id ?? newest;
  };
  return (
    <svg
      class="sequence-head"
      width={remOf(width)}
      height={remOf(HEAD_HEIGHT)}
      viewBox={`0 0 ${width} ${HEAD_HEIGHT}`}
      role="img"
      aria-label={`Lifelines: ${lanes.map(({ actors }) => nameOf(actors)).join(', ')}`}
    >
      {lanes.map(({ key, actors, x }) => {
        const newest = actors.at(-1) ?? '';
        const known = directory.get(newest);
        const below = known === undefined ? '' : `${known.machine ?? 'service'} ${newest}`;
        return (
          <g key={key} class={`lane${known?.machine ? '' : ' lane-quiet'}`}>
            <title>{`${nameOf(actors)} ${below}`}</title>
            <rect x={x - LANE_WIDTH / 2 + 6} y={2} width={LANE_WIDTH - 12} height={HEAD_HEIGHT - 6} rx={6} />
            <text x={x} y={below === '' ? 22 : 17} class="lane-name">
              {shortened(nameOf(actors), 20)}
            </text>
            <text x={x} y={29} class="lane-machine">
              {below}
            </text>
          </g>
        );
      })}
    </svg>
  );
};

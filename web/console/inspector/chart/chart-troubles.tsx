// Why a chart is not there, or not the right one.
import { Notice } from '../../../look/notice.js';

interface ChartTroublesProps {
  /** Why it could not be loaded. */
  readonly problem: string | null;
  /** Active states it does not have. */
  readonly unknown: readonly string[];
}

export const ChartTroubles = ({ problem, unknown }: ChartTroublesProps) => (
  <>
    {problem === null ? null : (
      <Notice tone="bad" title={problem} advice="The chart comes from the node: is it still running?" />
    )}
    {unknown.length === 0 ? null : (
      <Notice
        tone="warn"
        title={`This chart has no state ${unknown.map((id) => `"${id}"`).join(', ')}.`}
        advice="The recording is of another version of the node."
      />
    )}
  </>
);

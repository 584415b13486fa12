// What can be done to the window on a chart, as buttons.
import { Button } from '../../../look/button.js';

interface ChartToolsProps {
  /** Pixels for one unit of the chart. */
  readonly scale: number;
  readonly isFollowing: boolean;
  onFollow(isFollowing: boolean): void;
  onZoom(factor: number): void;
  onFitWidth(): void;
  onFitWhole(): void;
}

const STEP = 1.3;

export const ChartTools = ({
  scale,
  isFollowing,
  onFollow,
  onZoom,
  onFitWidth,
  onFitWhole,
}: ChartToolsProps) => (
  <div class="chart-tools">
    <Button kind="bare" aria-label="Zoom out" onClick={() => onZoom(1 / STEP)}>
      −
    </Button>
    <span class="chart-scale">{Math.round(scale * 100)} %</span>
    <Button kind="bare" aria-label="Zoom in" onClick={() => onZoom(STEP)}>
      +
    </Button>
    <Button kind="bare" onClick={onFitWidth}>
      Fit width
    </Button>
    <Button kind="bare" onClick={onFitWhole}>
      Whole
    </Button>
    <Button
      kind="bare"
      aria-pressed={isFollowing}
      title="Keep the active states in view, and go on to the next actor when this one ends"
      onClick={() => onFollow(!isFollowing)}
    >
      Follow
    </Button>
  </div>
);

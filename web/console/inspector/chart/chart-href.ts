// The address of a chart, or of one of its states, in the view the reader is in.
import { route } from '../../shell/current-route.js';
import { hrefOf } from '../../shell/route.js';

export const chartHref = (machine: string, state = ''): string =>
  hrefOf(route.value.view, [machine], { state });

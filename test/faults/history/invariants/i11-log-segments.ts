// Every line of a node's log is in one report, at the node or at the network.
import { groupBy, type Invariant } from '../invariant.js';
import type { RecordOf } from '../record.js';

type Report = RecordOf<'report'>;

const factsOf = ({ first_line, lines, sha256, previous }: Report): string =>
  JSON.stringify([first_line, lines, sha256, previous]);

/** Lines nobody has, and lines held under two ids. */
const coverFaults = (reports: readonly Report[], end: number): string[] => {
  const sorted = [...reports].sort((one, other) => one.first_line - other.first_line);
  const wrong: string[] = [];
  let next = 0;
  let previous: string | null = null;
  for (const one of sorted) {
    if (one.first_line > next) wrong.push(`lines ${next} to ${one.first_line - 1} are nowhere`);
    if (one.first_line < next)
      wrong.push(`report ${one.report} repeats lines before ${next} under an id of its own`);
    if (one.first_line === next && one.previous !== previous) {
      wrong.push(`report ${one.report} does not name the one before it`);
    }
    next = one.first_line + one.lines;
    previous = one.sha256;
  }
  if (next < end) wrong.push(`lines ${next} to ${end - 1} are nowhere`);
  return wrong;
};

export const logSegments: Invariant = {
  id: 'I11',
  rule: 'no log segment is lost before the network has it; sent again it has the same id',
  evidence: (history) => history.of('report').filter(({ place }) => place === 'network').length,
  violations: (history) => {
    const reports = history.of('report');
    const ends = new Map(history.of('log_end').map(({ node, lines }) => [node.toLowerCase(), lines]));
    const versions = [...groupBy(reports, ({ report }) => report)];
    const changed = versions
      .filter(([, copies]) => new Set(copies.map(factsOf)).size > 1)
      .map(([report]) => `report ${report} is held with two contents`);
    const once = versions.flatMap(([, [first]]) => (first === undefined ? [] : [first]));
    const nodes = groupBy(once, ({ node }) => node.toLowerCase());
    return [...changed, ...[...nodes].flatMap(([node, own]) => coverFaults(own, ends.get(node) ?? 0))];
  },
};

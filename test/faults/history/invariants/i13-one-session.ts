// A node that comes back takes the place of the one it was.
import { groupBy, type Invariant } from '../invariant.js';
import type { RecordOf } from '../record.js';

type Frame = RecordOf<'frame'>;

const sessionFaults = (node: string, welcomes: readonly Frame[], frames: readonly Frame[]): string[] =>
  welcomes.flatMap((welcome, index) => {
    const next = welcomes[index + 1];
    if (next === undefined) return [];
    return frames
      .filter(
        ({ link, from, said, header }) =>
          link === welcome.link && from === 'network' && said.t === 'job.offer' && header.ts > next.header.ts, // the network's clock: what the tap saw first need not have been said first
      )
      .map(
        ({ header }) =>
          `node ${node} got offer ${header.n} on connection ${welcome.link} while ${next.link} was in force`,
      );
  });

export const oneSession: Invariant = {
  id: 'I13',
  rule: 'never two sessions with jobs for one identity',
  evidence: (history) => history.of('frame').filter(({ said }) => said.t === 'welcome').length,
  violations: (history) => {
    const frames = history.of('frame');
    const nodes = new Map(
      frames.flatMap(({ link, said }) =>
        said.t === 'hello' ? [[link, said.node.toLowerCase()] as const] : [],
      ),
    );
    const welcomes = frames.filter(({ said }) => said.t === 'welcome');
    return [...groupBy(welcomes, ({ link }) => nodes.get(link) ?? 'unknown')].flatMap(([node, own]) =>
      sessionFaults(node, own, frames),
    );
  },
};

// Frames belong to one network, node, session and place in it. Tried on the recorded signatures themselves.
import { verifyNodeFrame } from '../../../../src/protocol/handshake.js';
import { mustBeSigned } from '../../../../src/protocol/message-codec.js';
import type { NetworkId } from '../../../../src/protocol/network-id.js';
import type { History } from '../history.js';
import { groupBy, type Invariant } from '../invariant.js';
import type { RecordOf } from '../record.js';
import { networkOf } from '../seen-receipts.js';

type Frame = RecordOf<'frame'>;

/** A signature check takes a third of a millisecond, and each frame is tried four times. */
const MOST_CHECKED = 400;
const STRANGER = `0x${'11'.repeat(20)}`;
const OTHER_SESSION = `0x${'ab'.repeat(32)}`;

const isValid = (network: NetworkId, header: Frame['header'], node: string): boolean => {
  try {
    verifyNodeFrame(network, header, node);
    return true;
  } catch {
    return false;
  }
};

const nodesOf = (frames: readonly Frame[]): ReadonlyMap<number, string> =>
  new Map(frames.flatMap(({ link, said }) => (said.t === 'hello' ? [[link, said.node] as const] : [])));

const signedFrames = (history: History): readonly Frame[] =>
  history.of('frame').filter(({ from, header }) => from === 'node' && mustBeSigned(header.t));

const signatureFaults = (history: History): string[] => {
  const network = networkOf(history);
  const frames = signedFrames(history);
  const nodes = nodesOf(frames);
  const every = Math.max(1, Math.ceil(frames.length / MOST_CHECKED));
  const wrong: string[] = [];
  for (const { link, header } of frames.filter((_, index) => index % every === 0)) {
    const node = nodes.get(link);
    const name = `'${header.t}' ${header.n} of connection ${link}`;
    if (node === undefined) {
      wrong.push(`${name} came before a hello`);
      continue;
    }
    if (!isValid(network, header, node)) wrong.push(`${name} is not signed by its node`);
    const elsewhere = { ...network, name: `other-${network.name}`.slice(0, 32) };
    if (isValid(elsewhere, header, node)) wrong.push(`${name} would be valid on another network`);
    if (isValid(network, header, STRANGER)) wrong.push(`${name} would be valid for another node`);
    const moved = { ...header, s: OTHER_SESSION };
    if (isValid(network, moved, node)) wrong.push(`${name} would be valid in another session`);
  }
  return wrong;
};

const orderFaults = (history: History): string[] => {
  const wrong: string[] = [];
  const sides = groupBy(history.of('frame'), ({ link, from }) => `${from} on connection ${link}`);
  for (const [side, frames] of sides) {
    for (const [index, { header }] of frames.entries()) {
      const before = frames[index - 1];
      if (before === undefined || header.n === before.header.n + 1) continue;
      wrong.push(`${side} said number ${header.n} after ${before.header.n}`);
    }
  }
  for (const [link, frames] of groupBy(history.of('frame'), (one) => String(one.link))) {
    const session = frames.flatMap(({ said }) => (said.t === 'welcome' ? [said.session] : []))[0];
    for (const { header } of frames) {
      if (header.s === undefined || header.s === session) continue;
      wrong.push(`'${header.t}' on connection ${link} names another session`);
    }
  }
  return wrong;
};

export const framesBound: Invariant = {
  id: 'I4',
  rule: 'no frame is valid on another network, for another node, in another session, or twice',
  evidence: (history) => signedFrames(history).length,
  violations: (history) => [...signatureFaults(history), ...orderFaults(history)],
};

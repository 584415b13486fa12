// Every receipt a history shows: in the books of either side, and in results on the wire.
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { type Receipt, receiptHash } from '../../../src/protocol/receipt.js';
import type { History } from './history.js';

export interface SeenReceipt {
  readonly receipt: Receipt;
  readonly digest: string;
}

/** @throws Error when the history does not say which network it is of */
export const networkOf = (history: History): NetworkId => {
  const [network] = history.of('network');
  if (network === undefined) throw new Error('the history names no network');
  return { name: network.name, chainId: network.chain_id, genesis: network.genesis };
};

export const seenReceipts = (history: History): readonly SeenReceipt[] => {
  const network = networkOf(history);
  const shown = history.of('frame').flatMap(({ said }) => (said.t === 'result' ? [said.receipt] : []));
  const kept = history.of('receipt');
  return [
    ...kept,
    ...shown.map((receipt) => ({
      receipt,
      digest: `sha256:${receiptHash(network, receipt).slice('0x'.length)}`,
    })),
  ];
};

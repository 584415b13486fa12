// The head of the chain of receipts: which number and digest the next receipt continues.
import { z } from 'zod';
import { count, digest } from '../../protocol/primitives.js';
import { NO_DIGEST } from '../../protocol/receipt.js';
import type { Staged } from './group-commit.js';
import { JournalError } from './journal-errors.js';
import { openValue, sealValue } from './sealed-value.js';

const chainHead = z.object({ seq: count, digest });
type ChainHead = z.infer<typeof chainHead>;

const CHAIN_KEY = 'receipt-chain';
const CHAIN_PLACE = `meta/${CHAIN_KEY}`;

/** @throws JournalError it is corrupt: going on would fork the chain */
export const readChainHead = (get: Staged['get']): ChainHead => {
  const bytes = get('meta', CHAIN_KEY);
  if (bytes === undefined) return { seq: 0, digest: NO_DIGEST };
  try {
    return chainHead.parse(openValue(bytes, CHAIN_PLACE));
  } catch (cause) {
    throw new JournalError('the head of the receipt chain is corrupt', {
      cause,
      advice:
        'Restore the data directory from a backup, or move the jobs directory aside and tell the network.',
    });
  }
};

export const writeChainHead = (staged: Staged, head: ChainHead): void =>
  staged.set('meta', CHAIN_KEY, sealValue(chainHead.parse(head), CHAIN_PLACE));

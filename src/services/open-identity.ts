// Opens the node's key, or makes it at the very first start.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Identity } from '../adapters/identity/identity.js';
import type { Membership } from './membership.js';

/** @param parts.open opens or makes the key by the owner's rules; its errors carry advice */
export const openIdentity = (parts: {
  readonly membership: Membership;
  readonly open: () => Promise<Identity>;
  readonly logger: Logger;
}) =>
  fromPromise<{ nodeId: string }, undefined>(async () => {
    const identity = await parts.open();
    parts.membership.identity.set(identity);
    parts.logger.info({ event: 'identity.opened', nodeId: identity.nodeId }, 'identity opened');
    return { nodeId: identity.nodeId };
  });

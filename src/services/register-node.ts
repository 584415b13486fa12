// Registration: public key and hardware profile, signed over a fresh nonce. Done once; the network remembers.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import type { Registration } from '../protocol/http.js';
import { PROTOCOL_VERSION } from '../protocol/limits.js';
import type { Standing } from '../protocol/messages/session.js';
import { encodeSignedRequest } from '../protocol/signed-request.js';
import type { Membership } from './membership.js';

/** @throws NetworkUnreachableError, NetworkRefusedError */
export const registerNode = (parts: {
  readonly http: NetworkHttp;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly agentVersion: string;
  readonly engine: string;
  readonly label: string | undefined;
  readonly logger: Logger;
}) =>
  fromPromise<Standing, undefined>(async ({ signal }) => {
    const { http, membership, clock, agentVersion, engine, label, logger } = parts;
    const { id, state } = membership.network.get();
    const { nodeId, publicKey, signer } = membership.identity.get();
    const hardware = await membership.hardware.whole(); // before the challenge, which is good for a minute only
    const { nonce } = await http.challenge(signal);
    const registration: Registration = {
      nonce,
      node: nodeId,
      public_key: publicKey,
      agent_version: agentVersion,
      protocol: PROTOCOL_VERSION,
      hardware,
      engines: [engine],
      ...(label === undefined ? {} : { label }),
    };
    const frame = encodeSignedRequest(id, signer, 'register', registration, clock.nowMs());
    const { standing } = await http.register(nodeId, frame, signal);
    await state.account.update((account) => account && { ...account, registered_ms: clock.nowMs() });
    logger.info({ event: 'node.registered', standing: standing.state }, 'registered with the network');
    return standing;
  });

// Claiming: binds the node to its owner's account. Two consents are needed: the node signs both requests, and the owner
// signs a text with their wallet, or reads a code in their mail.
import { systemClock } from '../adapters/host/clock.js';
import type { Identity } from '../adapters/identity/identity.js';
import { createNetworkHttp } from '../adapters/network-http/undici-network-http.js';
import { httpBase } from '../config/http-base.js';
import type { BindFinish, BindOffer, NodeStanding, OwnerRef } from '../protocol/http.js';
import type { NetworkId } from '../protocol/network-id.js';
import { encodeSignedRequest } from '../protocol/signed-request.js';
import { readTrustRoot } from '../protocol/trust-root.js';
import { AGENT_VERSION } from '../version.js';

export interface Binding {
  /** Asks the network what the owner must do. */
  begin(owner: OwnerRef, signal: AbortSignal): Promise<BindOffer>;
  finish(binding: string, proof: BindFinish['proof'], signal: AbortSignal): Promise<NodeStanding>;
}

export interface BindingParts {
  readonly identity: Identity;
  readonly networkUrl: string;
  /** The genesis digest this node pinned. */
  readonly genesis: string | undefined;
}

/** @throws NetworkUnreachableError, ProtocolError when the URL leads to another network than the pinned one */
export const openBinding = async (parts: BindingParts, signal: AbortSignal): Promise<Binding> => {
  const { identity, networkUrl, genesis } = parts;
  const { nodeId, signer } = identity;
  const http = createNetworkHttp(httpBase(networkUrl), { agentVersion: AGENT_VERSION });
  const { network } = readTrustRoot(await http.root(signal), genesis);
  const sign = (id: NetworkId, kind: string, body: object): Buffer =>
    encodeSignedRequest(id, signer, kind, body, systemClock.nowMs());
  return {
    begin: async (owner, stop) => {
      const { nonce } = await http.challenge(stop);
      return http.startBinding(nodeId, sign(network, 'bind.start', { nonce, node: nodeId, owner }), stop);
    },
    finish: async (binding, proof, stop) => {
      const { nonce } = await http.challenge(stop);
      const body: BindFinish = { nonce, node: nodeId, binding, proof };
      return http.finishBinding(nodeId, sign(network, 'bind.finish', body), stop);
    },
  };
};

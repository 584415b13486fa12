// The EIP-712 structs of protocol v1. Every field is fixed; a body enters by its SHA-256, so no canonical JSON is needed.
import type { NetworkId } from './network-id.js';
import { networkSalt, signingDomain } from './network-id.js';
import { type Address, addressValue, type Bytes32 } from './primitives.js';
import { typedHash } from './typed-hash.js';

/** What a node signs: a message with an effect beyond its session. Outside a session `session` is zero and `seq` 0. */
export interface Envelope {
  readonly node: Address;
  readonly kind: string;
  readonly session: Bytes32;
  readonly seq: number;
  readonly timeMs: number;
  readonly body: Bytes32;
}

/** The network's roles, each with keys of its own: `online` proves freshness and sessions, `config` signs snapshots. */
export type NetworkRole = 'online' | 'config';

/** What a network signs. Another struct than {@link Envelope}, so neither side's signature can pass for the other's. */
export interface Statement {
  readonly role: NetworkRole;
  readonly kind: string;
  /** The node it is said to; the zero address where it is said to all. */
  readonly node: Address;
  readonly session: Bytes32;
  readonly seq: number;
  readonly timeMs: number;
  readonly body: Bytes32;
}

const ENVELOPE = {
  Envelope: [
    { name: 'network', type: 'bytes32' },
    { name: 'node', type: 'address' },
    { name: 'kind', type: 'string' },
    { name: 'session', type: 'bytes32' },
    { name: 'seq', type: 'uint64' },
    { name: 'timeMs', type: 'uint64' },
    { name: 'body', type: 'bytes32' },
  ],
};

const STATEMENT = {
  Statement: [
    { name: 'network', type: 'bytes32' },
    { name: 'role', type: 'string' },
    { name: 'kind', type: 'string' },
    { name: 'node', type: 'address' },
    { name: 'session', type: 'bytes32' },
    { name: 'seq', type: 'uint64' },
    { name: 'timeMs', type: 'uint64' },
    { name: 'body', type: 'bytes32' },
  ],
};

/** The envelope as EIP-712 message, domain and types: for any other implementation to check. */
export const envelopeTypedData = (network: NetworkId, envelope: Envelope) => ({
  domain: signingDomain(network),
  types: ENVELOPE,
  primaryType: 'Envelope' as const,
  message: { network: networkSalt(network), ...envelope, node: addressValue(envelope.node) },
});

/** The statement as EIP-712 message, domain and types. */
export const statementTypedData = (network: NetworkId, statement: Statement) => ({
  domain: signingDomain(network),
  types: STATEMENT,
  primaryType: 'Statement' as const,
  message: { network: networkSalt(network), ...statement, node: addressValue(statement.node) },
});

const hashEnvelope = typedHash(ENVELOPE);
const hashStatement = typedHash(STATEMENT);

/** EIP-712 digest of an envelope, `0x` + 64 hex. */
export const envelopeHash = (network: NetworkId, envelope: Envelope): Bytes32 =>
  hashEnvelope(network, envelopeTypedData(network, envelope).message);

/** EIP-712 digest of a network's statement. */
export const statementHash = (network: NetworkId, statement: Statement): Bytes32 =>
  hashStatement(network, statementTypedData(network, statement).message);

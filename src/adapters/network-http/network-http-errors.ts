// What can go wrong between the node and the network's HTTP side.
import { NodeError, type NodeErrorOptions } from '../../errors.js';
import type { Problem } from '../../protocol/http.js';

/** No connection, or no answer in time. */
export class NetworkUnreachableError extends NodeError {
  readonly code = 'NETWORK_UNREACHABLE';
  readonly retryable = true;
}

/** The network answered with a refusal; `problem` holds its own words where it had any. */
export class NetworkRefusedError extends NodeError {
  readonly code = 'NETWORK_REFUSED';
  /** 408, 425, 429 and 5xx pass by themselves. */
  readonly retryable: boolean;

  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
    options: NodeErrorOptions = {},
  ) {
    const words = problem === undefined ? '' : `: ${problem.detail ?? problem.title} (${problem.code})`;
    super(`the network answered ${status}${words}`, {
      ...options,
      details: { status, problem: problem?.code },
    });
    this.retryable = status === 408 || status === 425 || status === 429 || status >= 500;
  }
}

/** The network's answer does not have the promised shape. */
export class NetworkMalformedError extends NodeError {
  readonly code = 'NETWORK_MALFORMED';
  readonly retryable = true;
}

// A node is refused: with which close code, and what it is told before.
import { NodeError } from '../../errors.js';
import type { MessageBody } from '../../protocol/messages/catalogue.js';

/** @property wireCode the `code` of the fatal `error` frame */
export class SessionRefusedError extends NodeError {
  readonly code = 'SESSION_REFUSED';
  readonly retryable = false;

  constructor(
    readonly closeCode: number,
    readonly wireCode: string,
    message: string,
    /** What the `error` frame says besides. */
    readonly more: Pick<MessageBody<'error'>, 'elsewhere' | 'retry_after_ms'> = {},
  ) {
    super(message);
  }
}

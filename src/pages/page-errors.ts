// What keeps a page from being served, and a request from being answered.
import { NodeError } from '../errors.js';

/** The token file is no token, or others can read it. */
export class PageTokenError extends NodeError {
  readonly code = 'PAGE_TOKEN';
  readonly retryable = false;
}

/** The request does not come from this machine's own page. */
export class PageRefusedError extends NodeError {
  readonly code = 'PAGE_REFUSED';
  readonly retryable = false;
}

/** No token, or not the one of this page. */
export class PageTokenRefusedError extends NodeError {
  readonly code = 'PAGE_TOKEN_REFUSED';
  readonly retryable = false;
}

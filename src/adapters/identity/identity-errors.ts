// What can be wrong with the node's key or its passphrase. None of these is ever answered with a new key.
import { NodeError } from '../../errors.js';

export abstract class IdentityError extends NodeError {
  readonly retryable = false;
}

/** A key is there already and will not be overwritten. */
export class IdentityExistsError extends IdentityError {
  readonly code = 'IDENTITY_EXISTS';
}

/** No key where one must be: the data directory holds other state. */
export class IdentityMissingError extends IdentityError {
  readonly code = 'IDENTITY_MISSING';
}

/** The system would not let the node read or write the key file. */
export class IdentityUnreadableError extends IdentityError {
  readonly code = 'IDENTITY_UNREADABLE';
}

/** The key file is a link, belongs to somebody else, or others may read it. */
export class IdentityPermissionsError extends IdentityError {
  readonly code = 'IDENTITY_PERMISSIONS';
}

/** The file is no keystore the node accepts. */
export class IdentityMalformedError extends IdentityError {
  readonly code = 'IDENTITY_MALFORMED';
}

/** The passphrase does not open the key. */
export class PassphraseWrongError extends IdentityError {
  readonly code = 'PASSPHRASE_WRONG';
}

/** No source gave a passphrase. */
export class PassphraseMissingError extends IdentityError {
  readonly code = 'PASSPHRASE_MISSING';
}

/** A source gave a passphrase that cannot be used: empty, too long, or not readable. */
export class PassphraseUnusableError extends IdentityError {
  readonly code = 'PASSPHRASE_UNUSABLE';
}

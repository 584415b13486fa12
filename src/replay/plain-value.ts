// Values as a recording holds them: JSON, errors in a plain form that can be made errors again, secrets by name left out.
// No secret ever enters a statechart; this stands behind that rule, not in its place.
import { type Failure, NodeError } from '../errors.js';

const SECRET_NAMES = new Set([
  ...['passphrase', 'password', 'privatekey', 'secret', 'mnemonic', 'seed', 'apikey', 'token'],
  ...['prompt', 'messages', 'content', 'completion', 'email'],
  ...['authorization', 'proxyauthorization', 'cookie', 'setcookie'],
]);
const REDACTED = '[redacted]';
const ERROR = '$error';

const isSecret = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replace(/[-_]/g, ''));

/** An error as a machine is told of it: what {@link toFailure} makes of it is what was made of the first. */
class RecordedError extends NodeError {
  readonly code: string;
  readonly retryable: boolean;

  constructor({ code, message, retryable, advice }: Failure) {
    super(message, advice === undefined ? {} : { advice });
    this.code = code;
    this.retryable = retryable;
  }
}

const plainError = (error: Error): object => {
  if (!(error instanceof NodeError)) return { [ERROR]: { message: error.message } };
  const { code, message, retryable, advice } = error;
  return { [ERROR]: { code, message, retryable, ...(advice === undefined ? {} : { advice }) } };
};

/** @returns JSON, as {@link liveValue} takes it; undefined for what has no place in JSON */
export const plainValue = (value: unknown): unknown => {
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (name !== '' && typeof member === 'string' && isSecret(name)) return REDACTED;
    if (member instanceof Error) return plainError(member);
    return typeof member === 'bigint' ? String(member) : member;
  });
  return text === undefined ? undefined : JSON.parse(text);
};

/** The value again, errors as errors. */
export const liveValue = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(liveValue);
  const failure = (value as Record<string, unknown>)[ERROR];
  if (typeof failure === 'object' && failure !== null) {
    const { code, message } = failure as Failure;
    return code === undefined ? new Error(message) : new RecordedError(failure as Failure);
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, liveValue(member)]));
};

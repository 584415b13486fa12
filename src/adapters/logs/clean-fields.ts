// What may become part of a log line: nothing secret, nothing endless. Secrets are known by the name of their field, at
// any depth, and not by their look: a private key and a digest are both 64 hex digits, and digests must be readable.

const SECRET_NAMES = new Set([
  ...['passphrase', 'password', 'key', 'privatekey', 'secret', 'mnemonic', 'seed', 'token', 'apikey'],
  ...['prompt', 'messages', 'input', 'output', 'content', 'completion', 'email'],
  ...['signature', 'sig', 'receiptsig', 'authorization', 'proxyauthorization', 'cookie', 'setcookie'],
]);
const REDACTED = '[redacted]';

/** UTF-16 units of one field. */
const MAX_TEXT = 16 * 1024;
const MAX_ENTRIES = 100;
const MAX_DEPTH = 8;
const MAX_FRAMES = 16;

const isSecret = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replace(/[-_]/g, ''));

/** Ends a text at the cap and says how much is missing. */
export const cappedText = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length - MAX_TEXT} more)`;

/** A copy with secrets replaced, texts and lists capped, errors and bytes in a plain form. */
export const cleanFields = (fields: object): Record<string, unknown> => cleanEntries(fields, 0);

/** The same for a value without a name. */
export const cleanValue = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return cappedText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof URL) return cappedText(`${value.origin}${value.pathname}`);
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return cleanError(value, depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return cleanValue(value.toJSON(), depth + 1);
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (Array.isArray(value)) {
    const kept = value.slice(0, MAX_ENTRIES).map((one) => cleanValue(one, depth + 1));
    return value.length > MAX_ENTRIES ? [...kept, `… (${value.length - MAX_ENTRIES} more)`] : kept;
  }
  return cleanEntries(value, depth);
};

const cleanEntries = (fields: object, depth: number): Record<string, unknown> => {
  const cleaned: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ENTRIES)) {
    const hidden = value !== undefined && value !== null && isSecret(name);
    cleaned[name === '__proto__' ? 'proto' : name.slice(0, 128)] = hidden
      ? REDACTED
      : cleanValue(value, depth + 1);
  }
  return cleaned;
};

/** Frames only: the first lines of a stack repeat the message, which may hold line feeds of a stranger. */
const cleanError = (error: Error, depth: number): Record<string, unknown> => {
  const { name, message, stack, cause, ...facts } = error;
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => cappedText(line.trim()));
  return {
    type: error.name || name,
    message: cappedText(message),
    ...cleanEntries(facts, depth),
    ...(cause === undefined ? {} : { cause: cleanValue(cause, depth + 1) }),
    stack: frames,
  };
};

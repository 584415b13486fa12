// Where the key's passphrase comes from: a file the owner names, then the environment, then one made earlier, then a
// person, and only for a new key one made now.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassphraseMissingError, PassphraseUnusableError } from './identity-errors.js';
import { writeNewKeyFile } from './key-file.js';
import type { PassphrasePrompt } from './passphrase-prompt.js';

export interface Passphrase {
  readonly text: string;
  readonly source: 'file' | 'environment' | 'generated-before' | 'prompt' | 'generated';
  /** For the owner, in plain words; absent when there is nothing to warn of. */
  readonly warning?: string;
}

export interface PassphraseOptions {
  readonly purpose: 'open' | 'create';
  /** The data directory: a generated passphrase is kept in `<dir>/passphrase`. */
  readonly dir: string;
  /** `--passphrase-file` or RESULTITY_PASSPHRASE_FILE. */
  readonly file?: string | undefined;
  /** RESULTITY_PASSPHRASE. */
  readonly text?: string | undefined;
  /** Undefined where nobody can be asked. */
  readonly prompt?: PassphrasePrompt | undefined;
  /** Whether this command may make a passphrase for a new key. */
  readonly mayGenerate: boolean;
}

const MAX_PASSPHRASE_BYTES = 4096;

export const GENERATED_WARNING =
  'The passphrase lies beside the key file: it protects copies of the key file alone, not the data directory. Back up both.';
export const ENVIRONMENT_WARNING =
  'RESULTITY_PASSPHRASE can be seen in the process environment and by `docker inspect`: use RESULTITY_PASSPHRASE_FILE.';

const GIVE_ONE = 'Name a file that holds the passphrase: --passphrase-file or RESULTITY_PASSPHRASE_FILE.';

const unusable = (why: string, cause?: unknown): PassphraseUnusableError =>
  new PassphraseUnusableError(why, { cause, advice: GIVE_ONE });

const codeOf = (caught: unknown): string | undefined =>
  caught instanceof Error && 'code' in caught ? String(caught.code) : undefined;

const checked = (text: string, where: string): string => {
  if (text === '') throw unusable(`the passphrase in ${where} is empty`);
  if (Buffer.byteLength(text) > MAX_PASSPHRASE_BYTES) {
    throw unusable(`the passphrase in ${where} is longer than ${MAX_PASSPHRASE_BYTES} bytes`);
  }
  return text;
};

/** Links are followed: secrets of Docker and Kubernetes are links. @returns undefined when there is no such file */
const readPassphraseFile = async (path: string): Promise<string | undefined> => {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const limit = MAX_PASSPHRASE_BYTES + 3; // one trailing newline, and one byte to see that there is more
      const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, 0);
      const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
      return checked(text.replace(/\r?\n$/, ''), path);
    } finally {
      await file.close();
    }
  } catch (caught) {
    if (caught instanceof PassphraseUnusableError) throw caught;
    if (codeOf(caught) === 'ENOENT') return undefined;
    if (caught instanceof TypeError) throw unusable(`the passphrase file ${path} is not UTF-8 text`);
    throw unusable(`cannot read the passphrase file ${path}: ${codeOf(caught) ?? 'unknown reason'}`, caught);
  }
};

const askPerson = async (prompt: PassphrasePrompt, purpose: 'open' | 'create'): Promise<string> => {
  const ask = async (message: string): Promise<string> => {
    const answer = await prompt.ask(message);
    if (answer === undefined)
      throw new PassphraseMissingError('no passphrase was given', { advice: GIVE_ONE });
    return answer;
  };
  if (purpose === 'open') return checked(await ask("Passphrase of the node's key"), 'your answer');
  for (;;) {
    const first = await ask("New passphrase for the node's key");
    if (first === '') prompt.tell('It must not be empty.');
    else if ((await ask('The same again')) === first) return checked(first, 'your answer');
    else prompt.tell('The two differ.');
  }
};

/** 160 bits, as text that survives being typed and copied. */
const generate = async (path: string): Promise<string> => {
  const text = randomBytes(20).toString('hex');
  await writeNewKeyFile(path, `${text}\n`);
  return text;
};

/**
 * @throws PassphraseMissingError when no source has one; PassphraseUnusableError when the first that is set is empty,
 * too long or unreadable: the next source is not tried, for it would open another key
 */
export const obtainPassphrase = async (options: PassphraseOptions): Promise<Passphrase> => {
  const { purpose, dir, file, prompt } = options;
  if (file !== undefined) {
    const text = await readPassphraseFile(file);
    if (text === undefined) throw unusable(`there is no passphrase file ${file}`);
    return { text, source: 'file' };
  }
  if (options.text !== undefined) {
    return {
      text: checked(options.text, 'RESULTITY_PASSPHRASE'),
      source: 'environment',
      warning: ENVIRONMENT_WARNING,
    };
  }
  const kept = join(dir, 'passphrase');
  const before = await readPassphraseFile(kept);
  if (before !== undefined) return { text: before, source: 'generated-before', warning: GENERATED_WARNING };
  if (prompt !== undefined) return { text: await askPerson(prompt, purpose), source: 'prompt' };
  if (purpose === 'create' && options.mayGenerate) {
    return { text: await generate(kept), source: 'generated', warning: GENERATED_WARNING };
  }
  throw new PassphraseMissingError("there is no passphrase for the node's key", { advice: GIVE_ONE });
};

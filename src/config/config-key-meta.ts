// What is said of a setting beside its type, and the kinds of text most of them are.
import { z } from 'zod';

/** What the schema's `meta` may say of a key, besides its description. */
export interface KeyMeta {
  readonly description: string;
  /** What is right, in words, where the type does not tell. */
  readonly accepts?: string;
  /** A path: relative ones count from the working directory, or from the file that names them. */
  readonly path?: true;
  /** Never shown, never a flag, never in the file. */
  readonly secret?: true;
  /** Where the default depends on the host. */
  readonly defaultText?: string;
  /** A list whose flag may be given several times; one text in the file is a list of one. */
  readonly repeatable?: true;
  /** What is on unless its flag says no: the name after `--no-`, where it is not the setting's own. */
  readonly negated?: string;
  /** The flag's name without its dashes, where it is not made of the setting's own. */
  readonly flag?: string;
  /** Other spellings of a value. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export const about = (meta: KeyMeta): KeyMeta & Record<string, unknown> => ({ ...meta });

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !hasControl(text), 'holds control characters');
export const path = line(4096);

export const url = (schemes: readonly string[]) =>
  line(2048).refine((text) => {
    if (!URL.canParse(text)) return false;
    const parsed = new URL(text);
    return (
      schemes.includes(parsed.protocol) &&
      parsed.username === '' &&
      parsed.password === '' &&
      parsed.hash === ''
    );
  }, 'not a URL the node can use');

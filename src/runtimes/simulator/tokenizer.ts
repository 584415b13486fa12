// A small reversible tokenizer: whole words where it knows them, letter pairs and bytes where it does not.
// It exists so that usage counts, one token per chunk and /tokenize are consistent with each other.
import { words } from './words.js';

/** Never part of a text; decoded to nothing. */
export const BEGIN_TOKEN = 0;
export const END_TOKEN = 1;
const SPECIAL = ['<begin>', '<end>'] as const;
const FIRST_BYTE = SPECIAL.length;
const FIRST_PIECE = FIRST_BYTE + 256;

/** Longest word looked up, in letters: bounds the work for text without spaces. */
const WORD_LETTERS = 16;

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const buildPieces = (): readonly string[] => {
  const pieces = new Set<string>();
  for (const word of Object.values(words).flat()) {
    for (const form of [word, capitalised(word)]) {
      pieces.add(form);
      pieces.add(` ${form}`);
    }
  }
  const lower = 'abcdefghijklmnopqrstuvwxyz';
  for (const first of `${lower} ${lower.toUpperCase()}`)
    for (const second of lower) pieces.add(first + second);
  for (const letter of lower.toUpperCase()) pieces.add(` ${letter}`);
  for (let number = 0; number < 100; number += 1) pieces.add(String(number).padStart(2, '0'));
  for (const piece of ['\n\n', '  ', '": ', '", "']) pieces.add(piece);
  return [...pieces];
};

const pieces = buildPieces();
const idOf: ReadonlyMap<string, number> = new Map(pieces.map((piece, index) => [piece, FIRST_PIECE + index]));

/** Ids are 0 … VOCABULARY - 1. */
export const VOCABULARY = FIRST_PIECE + pieces.length;

const pieceBytes: readonly Buffer[] = [
  ...SPECIAL.map(() => Buffer.alloc(0)),
  ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
  ...pieces.map((piece) => Buffer.from(piece, 'utf8')),
];

const word = new RegExp(` ?[A-Za-z]{1,${WORD_LETTERS}}`, 'y');

const pieceAt = (text: string, at: number): string | undefined => {
  word.lastIndex = at;
  const [found] = word.exec(text) ?? [];
  if (found !== undefined && idOf.has(found)) return found;
  for (const length of [4, 3, 2]) {
    const part = text.slice(at, at + length);
    if (part.length === length && idOf.has(part)) return part;
  }
  return undefined;
};

/** Text to ids. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD; everything else decodes to what it was. */
export const encode = (text: string): number[] => {
  const ids: number[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at);
    const id = piece === undefined ? undefined : idOf.get(piece);
    if (piece !== undefined && id !== undefined) {
      ids.push(id);
      at += piece.length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    for (const byte of Buffer.from(character, 'utf8')) ids.push(FIRST_BYTE + byte);
    at += character.length;
  }
  return ids;
};

/** Ids to text; bytes that are not UTF-8 become U+FFFD, as with every byte-level tokenizer. Unknown ids are left out. */
export const decode = (ids: readonly number[]): string =>
  Buffer.concat(ids.map((id) => pieceBytes[id] ?? Buffer.alloc(0))).toString('utf8');

/** The text of one token; for a byte that is no whole character, its hexadecimal form as `<0xE2>`. */
export const tokenText = (id: number): string => {
  if (id < FIRST_BYTE) return SPECIAL[id] ?? '';
  const byte = id - FIRST_BYTE;
  if (byte >= 0x80 && byte < 256) return `<0x${byte.toString(16).toUpperCase()}>`;
  return (pieceBytes[id] ?? Buffer.alloc(0)).toString('utf8');
};

/** Id of a text that is one token. Known at build time of the callers, so a miss is a bug here. */
export const tokenId = (text: string): number => {
  const ids = encode(text);
  const [id] = ids;
  if (id === undefined || ids.length !== 1) throw new Error(`not one token: ${JSON.stringify(text)}`);
  return id;
};

// Text of a variable or flag into a value of the setting's type. What does not read as that type stays text, and the
// schema refuses it.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ConfigKey } from './config-keys.js';

const listOf = (text: string): unknown => {
  if (!text.trimStart().startsWith('[')) return text.split(/\s+/).filter((word) => word !== '');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const booleanOf = (text: string): unknown => {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  return /^(false|no|off|0)$/i.test(text) ? false : text;
};

/** @param value as it came; anything but text is left as it is */
export const readText = (key: ConfigKey, value: unknown): unknown => {
  if (key.repeatable && Array.isArray(value)) return value.flatMap((one) => readText(key, one));
  if (typeof value !== 'string') return value;
  switch (key.type) {
    case 'integer':
      return /^-?\d+$/.test(value.trim()) ? Number(value) : value;
    case 'boolean':
      return booleanOf(value.trim());
    case 'list':
      return listOf(value);
    default:
      return value;
  }
};

/** Other spellings of a choice become the one spelling; paths become absolute, `~/` the home directory. */
export const settle = (key: ConfigKey, value: unknown, baseDirectory: string): unknown => {
  if (typeof value !== 'string') return value;
  if (key.repeatable) return [value];
  if (key.type === 'choice') return Object.hasOwn(key.aliases, value) ? key.aliases[value] : value;
  if (key.type !== 'path' || value === '' || value.includes('\0')) return value;
  return value.startsWith('~/') ? join(homedir(), value.slice(2)) : resolve(baseDirectory, value);
};

// From what a request says to the tokens a model would see, and to the faults a test has hidden in it.
import { badRequest } from './api-error.js';
import { type Fault, faultSchema } from './options.js';
import type { Messages } from './requests.js';
import { BEGIN_TOKEN, decode, encode, VOCABULARY } from './tokenizer.js';

export interface Prompt {
  /** With the leading token, as a real tokenizer counts it. */
  readonly ids: readonly number[];
  readonly text: string;
}

const turn = (role: string, content: string): string => `${role}:\n${content}\n\n`;

export const chatPrompt = (messages: Messages, addGenerationPrompt = true): Prompt => {
  const turns = messages.map(({ role, content }) => turn(role, content)).join('');
  const text = addGenerationPrompt ? `${turns}assistant:\n` : turns;
  return { ids: [BEGIN_TOKEN, ...encode(text)], text };
};

const fromText = (text: string): Prompt => ({ ids: [BEGIN_TOKEN, ...encode(text)], text });

/** @throws ApiError 400 for an id outside the vocabulary */
export const fromIds = (ids: readonly number[]): Prompt => {
  const unknown = ids.find((id) => id >= VOCABULARY);
  if (unknown !== undefined) throw badRequest(`Token id ${unknown} is out of vocabulary`, 'prompt');
  return { ids, text: decode(ids) };
};

type Given = string | number[] | string[] | number[][];

/** The four forms OpenAI allows for one or many prompts. */
export const textPrompts = (given: Given): readonly Prompt[] => {
  if (typeof given === 'string') return [fromText(given)];
  if (given.every((part) => typeof part === 'number')) return [fromIds(given as number[])];
  return given.map((part) => (typeof part === 'string' ? fromText(part) : fromIds(part as number[])));
};

/** Faults asked for in the prompt, such as `[[fault:crash@5]]`. @throws ApiError 400 for an unknown kind */
export const promptFaults = (text: string): readonly Fault[] =>
  [...text.matchAll(/\[\[fault:([^\]]{1,40})\]\]/g)].map(([, marker]) => {
    const parsed = faultSchema.safeParse(marker);
    if (parsed.success) return parsed.data;
    throw badRequest(`unknown fault marker ${JSON.stringify(marker)}`, 'prompt');
  });

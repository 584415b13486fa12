// One question and its answer, as it comes, into the conversation.
import { refusalOf } from '../../console/api/refused-error.js';
import { showToast } from '../../look/toasts.js';
import { chat, type Message } from './chat-api.js';
import { asking, type Turn, turns } from './playground-state.js';

let last = 0;

const change = (id: number, more: Partial<Turn>): void => {
  turns.value = turns.value.map((turn) => (turn.id === id ? { ...turn, ...more } : turn));
};

/** @returns false when it failed before anything was answered: the question is taken back */
export const ask = async (
  key: string,
  order: { readonly model: string; readonly maxTokens: number },
  question: string,
): Promise<boolean> => {
  const stop = new AbortController();
  asking.value = stop;
  const before = turns.value;
  const answerId = last + 2;
  turns.value = [
    ...before,
    { id: last + 1, role: 'user', content: question },
    { id: answerId, role: 'assistant', content: '' },
  ];
  last = answerId;
  const messages: Message[] = [...before, { role: 'user' as const, content: question }]
    .filter(({ content }) => content !== '')
    .map(({ role, content }) => ({ role, content }));
  const startedMs = performance.now();
  let text = '';
  try {
    for await (const part of chat(key, { ...order, messages }, stop.signal)) {
      if (part.type === 'job') change(answerId, { job: part.job });
      if (part.type === 'usage') change(answerId, { usage: part.usage });
      if (part.type === 'text') {
        if (text === '') change(answerId, { firstMs: performance.now() - startedMs });
        text += part.text;
        change(answerId, { content: text });
      }
    }
    change(answerId, { tookMs: performance.now() - startedMs });
    return true;
  } catch (caught) {
    if (stop.signal.aborted) {
      change(answerId, { isStopped: true, tookMs: performance.now() - startedMs });
      return true;
    }
    const { message, code, advice } = refusalOf(caught);
    showToast({ tone: 'bad', title: message, code, advice });
    if (text === '') turns.value = before;
    return text !== '';
  } finally {
    asking.value = null;
  }
};

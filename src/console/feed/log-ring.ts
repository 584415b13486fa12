// The newest lines of the node's log, as the console shows them. Lines come as they were written: what is secret was
// struck out before.
import { z } from 'zod';
import { createRing } from '../inspection/ring.js';
import type { LogEntry } from './feed-messages.js';

/** Lines kept for viewers who come late. */
const KEPT_LINES = 1_000;
/** UTF-16 units of one message that are shown. */
const MOST_TEXT = 4_096;

export interface LogRing {
  /** One line of the log, in JSON. */
  write(line: string): void;
  /** Oldest first. */
  list(): LogEntry[];
  /** @returns how to stop listening */
  onEntry(listener: (entry: LogEntry) => void): () => void;
}

const text = z.string().nullable().catch(null).default(null);

/** What is shown of a line; a line without these is none of ours. */
const logLine = z.object({
  time: z.string(),
  level: z.string(),
  msg: z.string().default(''),
  component: text,
  network: text,
  event: text,
  job: text,
  code: text,
  advice: text,
});

export const createLogRing = (): LogRing => {
  const ring = createRing<{ readonly seq: number; readonly line: string }>(KEPT_LINES);
  const listeners = new Set<(entry: LogEntry) => void>();
  let next = 0;
  return {
    write: (line) => {
      const kept = { seq: next++, line };
      // Read only when somebody looks.
      ring.add(kept);
      if (listeners.size === 0) return;
      const entry = entryOf(kept);
      if (entry !== undefined) for (const listener of listeners) listener(entry);
    },
    list: () => ring.list().flatMap((kept) => entryOf(kept) ?? []),
    onEntry: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

const entryOf = ({ seq, line }: { readonly seq: number; readonly line: string }): LogEntry | undefined => {
  const parsed = logLine.safeParse(jsonOf(line));
  if (!parsed.success) return undefined;
  const { time, level, msg, component, network, event, job, code, advice } = parsed.data;
  const message = `${msg}${code === null ? '' : ` [${code}]`}${advice === null ? '' : ` ${advice}`}`;
  return {
    seq,
    atMs: Date.parse(time),
    level,
    component,
    network,
    event,
    job,
    message: message.slice(0, MOST_TEXT),
  };
};

const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

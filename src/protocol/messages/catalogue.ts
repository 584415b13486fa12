// Every WebSocket message: direction, who must sign it, how large its body may be, and its schema.
import type { z } from 'zod';
import { LIMITS } from '../limits.js';
import { jobAccept, jobCancel, jobDecline, jobDelta, jobOffer, result, resultAck } from './jobs.js';
import { adminCommand, adminResult } from './orders.js';
import { capacity, configApplied, configNotify, heartbeat, heartbeatAck } from './presence.js';
import { errorMessage, goodbye, greeting, hello, standing, welcome } from './session.js';

/** `signed`: by the node (up) or by an online key (down). Unsigned messages ride on the proved session. */
interface MessageKind<S extends z.ZodType = z.ZodType> {
  readonly direction: 'up' | 'down' | 'both';
  readonly signed: boolean;
  readonly maxBytes: number;
  readonly schema: S;
}

const kind = <S extends z.ZodType>(
  direction: MessageKind['direction'],
  signed: boolean,
  maxBytes: number,
  schema: S,
): MessageKind<S> => ({ direction, signed, maxBytes, schema });

export const MESSAGES = {
  greeting: kind('down', true, LIMITS.controlBytes, greeting),
  hello: kind('up', true, LIMITS.offerBytes, hello),
  welcome: kind('down', true, LIMITS.offerBytes, welcome),
  heartbeat: kind('up', true, LIMITS.heartbeatBytes, heartbeat),
  'heartbeat.ack': kind('down', false, LIMITS.controlBytes, heartbeatAck),
  capacity: kind('up', false, LIMITS.controlBytes, capacity),
  standing: kind('down', false, LIMITS.controlBytes, standing),
  'config.notify': kind('down', false, LIMITS.controlBytes, configNotify),
  'config.applied': kind('up', true, LIMITS.controlBytes, configApplied),
  'job.offer': kind('down', false, LIMITS.offerBytes, jobOffer),
  'job.accept': kind('up', true, LIMITS.controlBytes, jobAccept),
  'job.decline': kind('up', true, LIMITS.controlBytes, jobDecline),
  'job.delta': kind('up', false, LIMITS.deltaBytes, jobDelta),
  'job.cancel': kind('down', false, LIMITS.controlBytes, jobCancel),
  result: kind('up', true, LIMITS.resultBytes, result),
  'result.ack': kind('down', true, LIMITS.controlBytes, resultAck),
  'admin.command': kind('down', true, LIMITS.controlBytes, adminCommand),
  'admin.result': kind('up', true, LIMITS.controlBytes, adminResult),
  error: kind('both', false, LIMITS.controlBytes, errorMessage),
  goodbye: kind('both', false, LIMITS.offerBytes, goodbye),
} as const;

export type MessageType = keyof typeof MESSAGES;
export type MessageBody<T extends MessageType> = z.infer<(typeof MESSAGES)[T]['schema']>;

export const isMessageType = (type: string): type is MessageType => Object.hasOwn(MESSAGES, type);

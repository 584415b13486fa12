// What nodes do, as the job side hears it. Everything here has passed size, sequence, session, signature and schema.
import type { JobAccept, JobDecline, JobDelta, Result } from '../../protocol/messages/jobs.js';
import type { Goodbye, Hello, Welcome } from '../../protocol/messages/session.js';

export interface NodeEvents {
  /** A session is about to be welcomed. @returns what it need not do any more, and where its streams go on */
  opened(node: string, hello: Hello): Pick<Welcome, 'stop' | 'have' | 'resume'>;
  /** The session ended and no newer one took its place. */
  closed(node: string): void;
  /** Heartbeat or capacity: its presence may have changed. */
  heard(node: string): void;
  accepted(node: string, accept: JobAccept): void;
  declined(node: string, decline: JobDecline): void;
  /** @param seq number of the frame, for an error that speaks of it */
  delta(node: string, delta: JobDelta, seq: number): void;
  result(node: string, result: Result): void;
  goodbye(node: string, goodbye: Goodbye): void;
}

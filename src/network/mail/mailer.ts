// All the network asks of mail: one short text to one person. Addresses and texts are never logged.
import { z } from 'zod';
import { NodeError, type NodeErrorOptions } from '../../errors.js';

/** Printable, one line: a header takes no line break from anyone. */
const headerText = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'not one line of text');

export const mailMessage = z.object({
  to: z.email().max(254),
  subject: headerText,
  text: z.string().max(16_384),
});
export type MailMessage = z.infer<typeof mailMessage>;

export interface Mailer {
  /** Resolves when the mail is handed over (accepted by the server, or on disk). @throws MailError */
  send(message: MailMessage): Promise<void>;
  /** Ends connections. */
  close(): Promise<void>;
}

/** A mail was not handed over. Neither message nor cause repeats an address: servers quote them in their answers. */
export class MailError extends NodeError {
  readonly code = 'MAIL_FAILED';

  constructor(
    message: string,
    readonly retryable: boolean,
    options: NodeErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** @throws MailError for what is no mail, before anything is sent */
export const checkMail = (message: MailMessage): MailMessage => {
  const parsed = mailMessage.safeParse(message);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new MailError(`a mail has no valid ${fields}`, false);
};

// Mail over an SMTP server. The library is loaded with the first mail.
import type { Transporter } from 'nodemailer';
import { checkMail, MailError, type Mailer } from './mailer.js';

/** Milliseconds until a silent server counts as gone. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

/**
 * @param options.url `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`
 * @param options.from e.g. `Resultity network <network@example.org>`
 */
export const createSmtpMailer = (options: { readonly url: string; readonly from: string }): Mailer => {
  let transport: Promise<Transporter> | undefined;
  const connect = async (): Promise<Transporter> => {
    const { createTransport } = await import('nodemailer');
    const { protocol, hostname, port, username, password } = new URL(options.url);
    const secure = protocol === 'smtps:';
    return createTransport({
      host: hostname,
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      ...(username !== '' && {
        auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
        requireTLS: !secure && !isLoopback(hostname), // a password never travels in the clear
      }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
    });
  };
  return {
    send: async (message) => {
      const { to, subject, text } = checkMail(message);
      transport ??= connect();
      const mail = { from: options.from, to, subject, text, disableFileAccess: true, disableUrlAccess: true };
      try {
        await (await transport).sendMail(mail);
      } catch (caught) {
        throw failureOf(caught);
      }
    },
    close: async () => (await transport)?.close(),
  };
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** Codes only: the server's words, and the library's error with them, name the recipient. */
const failureOf = (caught: unknown): MailError => {
  const facts = typeof caught === 'object' && caught !== null ? caught : {};
  const status =
    'responseCode' in facts && typeof facts.responseCode === 'number' ? facts.responseCode : undefined;
  const reason = 'code' in facts && typeof facts.code === 'string' ? facts.code : 'UNKNOWN';
  const isPermanent = status !== undefined && status >= 500;
  return new MailError(
    status === undefined
      ? `the mail server cannot be used (${reason})`
      : `the mail server answered ${status}`,
    !isPermanent,
    {
      advice: "Check the SMTP URL, its credentials and the server's log.",
      details: { reason, ...(status !== undefined && { status }) },
    },
  );
};

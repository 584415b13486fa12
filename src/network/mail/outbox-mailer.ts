// Mail without a mail server: one file per message in a private directory, for a devnet's owner to read.
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { checkMail, MailError, type Mailer } from './mailer.js';

/**
 * @param options.directory made if missing (0700); each mail is `<ulid>.eml` in it (0600), complete when it appears
 * @param options.from e.g. `Resultity network <network@localhost>`
 */
export const createOutboxMailer = (options: {
  readonly directory: string;
  readonly from: string;
}): Mailer => ({
  send: async (message) => {
    const { to, subject, text } = checkMail(message);
    const { createTransport } = await import('nodemailer');
    const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
    const id = ulid();
    const draft = join(options.directory, `.${id}.part`);
    try {
      const { message: bytes } = await composer.sendMail({
        from: options.from,
        to,
        subject,
        text,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      if (!Buffer.isBuffer(bytes)) throw new TypeError('a mail was not composed into memory');
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      await chmod(options.directory, 0o700);
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, join(options.directory, `${id}.eml`));
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => {}); // what failed first is what is told
      throw new MailError(`no mail could be written into ${options.directory}`, true, {
        cause,
        advice: 'Check that the directory can be written and the disk has space.',
      });
    }
  },
  close: async () => {},
});

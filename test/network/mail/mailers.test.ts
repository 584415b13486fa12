import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MailError, type Mailer } from '../../../src/network/mail/mailer.js';
import { createOutboxMailer } from '../../../src/network/mail/outbox-mailer.js';
import { createSmtpMailer } from '../../../src/network/mail/smtp-mailer.js';
import { SmtpServer } from './smtp-server.js';

const from = 'Resultity network <network@example.org>';
const mail = { to: 'ada@example.org', subject: 'Ein Gruß', text: 'Code: 12345678\n.\nÜber und aus\n' };
const errorOf = async (work: Promise<unknown>): Promise<MailError> => {
  const caught = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (caught instanceof MailError) return caught;
  throw caught;
};
const words = (error: Error): string => JSON.stringify(error, Object.getOwnPropertyNames(error));

let dir: string;
let server: SmtpServer;
let mailer: Mailer;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mail-'));
  server = new SmtpServer();
  mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${await server.start()}`, from });
});
afterEach(async () => {
  await mailer.close();
  await server.stop();
  await rm(dir, { recursive: true });
});

test('hands a mail to an SMTP server', async () => {
  await mailer.send(mail);
  expect(server.mails).toHaveLength(1);
  const [got] = server.mails;
  expect(got?.from).toMatch(/^MAIL FROM:<network@example\.org>/);
  expect(got?.to).toEqual(['RCPT TO:<ada@example.org>']);
  expect(got?.data).toMatch(/^From: Resultity network <network@example\.org>$/m);
  expect(got?.data).toContain('Code: 12345678');
});

test('tells a refusal for good from one for now, without the address', async () => {
  server.recipientAnswer = '550 no such user ada@example.org';
  const refused = await errorOf(mailer.send(mail));
  expect(refused).toMatchObject({ retryable: false, details: { status: 550 } });
  server.recipientAnswer = '451 try later ada@example.org';
  const delayed = await errorOf(mailer.send(mail));
  expect(delayed).toMatchObject({ retryable: true, details: { status: 451 } });
  expect(words(refused) + words(delayed)).not.toContain('ada');
  expect(server.mails).toEqual([]);
});

test('says so when no server answers', async () => {
  await server.stop();
  expect(await errorOf(mailer.send(mail))).toMatchObject({ code: 'MAIL_FAILED', retryable: true });
  server = new SmtpServer();
  await server.start();
});

test('refuses what would forge headers, before anything is sent', async () => {
  const forged = await errorOf(mailer.send({ ...mail, subject: 'x\r\nBcc: eve@example.org' }));
  expect(forged).toMatchObject({ retryable: false, message: 'a mail has no valid subject' });
  await errorOf(mailer.send({ ...mail, to: 'ada@example.org, eve@example.org' }));
  await errorOf(mailer.send({ ...mail, to: 'Ada\r\nBcc: eve@example.org' }));
  expect(server.mails).toEqual([]);
});

test('writes each mail of the outbox into a private file of its own', async () => {
  const directory = join(dir, 'outbox');
  const outbox = createOutboxMailer({ directory, from });
  await outbox.send(mail);
  await outbox.send({ ...mail, subject: 'Second' });
  await outbox.close();
  const files = (await readdir(directory)).sort();
  expect(files).toEqual([expect.stringMatching(/^[0-9A-Z]{26}\.eml$/), expect.stringMatching(/\.eml$/)]);
  const text = await readFile(join(directory, files[0] ?? ''), 'utf8');
  expect(text).toMatch(/^To: ada@example\.org\r$/m);
  expect(text).toContain('Code: 12345678');
  expect((await stat(join(directory, files[0] ?? ''))).mode & 0o777).toBe(0o600);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test('says so when the outbox cannot be written', async () => {
  await writeFile(join(dir, 'file'), '');
  const outbox = createOutboxMailer({ directory: join(dir, 'file'), from });
  expect(await errorOf(outbox.send(mail))).toMatchObject({ retryable: true });
});

// A small real SMTP server (RFC 5321) on loopback: takes mails, answers recipients as a test tells it to.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface TakenMail {
  /** The command as it came, `MAIL FROM:<…>`. */
  readonly from: string;
  /** The commands as they came, `RCPT TO:<…>`. */
  readonly to: readonly string[];
  /** Headers and text, lines end in LF, without dot-stuffing. */
  readonly data: string;
}

export class SmtpServer {
  readonly mails: TakenMail[] = [];
  /** Said to every RCPT. */
  recipientAnswer = '250 2.1.5 ok';
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  /** @returns the port */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return address.port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined); // a client that hangs up is its own affair
    socket.setEncoding('utf8');
    const hear = this.#conversation((line) => socket.write(`${line}\r\n`));
    let pending = '';
    socket.on('data', (chunk: string) => {
      const lines = (pending + chunk).split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    socket.write('220 loopback ESMTP\r\n');
  }

  #conversation(say: (line: string) => void): (line: string) => void {
    let text: string[] | undefined; // lines of a mail under way
    let from = '';
    let to: string[] = [];
    return (line) => {
      if (text !== undefined) {
        if (line !== '.') {
          text.push(line.startsWith('.') ? line.slice(1) : line);
          return;
        }
        this.mails.push({ from, to, data: text.join('\n') });
        text = undefined;
        say('250 2.0.0 taken');
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'MAIL') [from, to] = [line, []];
      if (verb === 'RCPT' && this.recipientAnswer.startsWith('2')) to.push(line);
      if (verb === 'DATA') text = [];
      say(this.#answerTo(verb));
    };
  }

  #answerTo(verb: string): string {
    if (verb === 'EHLO') return '250 8BITMIME';
    if (verb === 'MAIL') return '250 2.1.0 ok';
    if (verb === 'RCPT') return this.recipientAnswer;
    if (verb === 'DATA') return '354 go on';
    if (verb === 'QUIT') return '221 2.0.0 bye';
    return '250 2.0.0 ok'; // RSET, NOOP
  }
}

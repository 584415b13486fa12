// Attaches the unmodified receiver of @xstate/inspect to a daemon, as a viewer does, and prints a line for each message: what
// XState 4 makes of it. Whatever the package complains about is an error. Usage: receive.ts HOST:PORT
import { createWebSocketReceiver } from '@xstate/inspect';
import { WebSocket } from 'ws';

// The package was written for browsers, and Node 20 has no WebSocket of its own.
Object.assign(globalThis, { WebSocket });

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const complain = (...words: unknown[]): void => print({ type: 'complaint', words: words.map(String) });
console.error = complain;
console.warn = complain;

const [server = ''] = process.argv.slice(2);
const machines = new Map<string, { resolveState(state: never): { configuration: { id: string }[] } }>();

const activeIn = (sessionId: string, state: unknown): string[] => {
  const machine = machines.get(sessionId);
  if (machine === undefined) throw new Error(`${sessionId} was not registered`);
  return machine
    .resolveState(state as never)
    .configuration.map(({ id }) => id)
    .sort();
};

const receiver = createWebSocketReceiver({ server, protocol: 'ws', serialize: undefined });
receiver.subscribe(
  (message) => {
    const { type, sessionId } = message;
    if (type === 'service.register') {
      machines.set(sessionId, message.machine as never);
      const { id, parent = null, state } = message;
      print({
        type,
        sessionId,
        id,
        parent,
        machine: message.machine.id,
        active: activeIn(sessionId, state),
        context: state.context,
      });
    } else if (type === 'service.state') {
      const { state } = message;
      print({
        type,
        sessionId,
        event: state._event.name,
        active: activeIn(sessionId, state),
        context: state.context,
      });
    } else if (type === 'service.event') {
      print({ type, sessionId, event: message.event.name, from: message.event.origin ?? null });
    } else {
      print({ type, sessionId });
    }
  },
  (error: unknown) => complain('socket', error),
);

// One order from the test: try to send an event to an actor, as the viewer's buttons do.
process.stdin.setEncoding('utf8').on('data', (sessionId: string) => {
  receiver.send({
    type: 'xstate.event',
    event: JSON.stringify({ name: 'node.stopped', origin: sessionId.trim() }),
    service: sessionId.trim(),
  });
});
process.stdin.on('end', () => process.exit(0));

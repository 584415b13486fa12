// When the daemon is over, and as what.
import { expect, test } from 'vitest';
import type { OwnNode } from '../../src/daemon/assemble-node.js';
import { allEnded } from '../../src/daemon/assemble-nodes.js';
import type { Failure } from '../../src/errors.js';

const failureOf = (code: string): Failure => ({ code, message: code, retryable: false });

/** Networks whose ends a test brings about; of a node nothing else is asked. */
const networks = (count: number) => {
  const ends: ((failure: Failure | null) => void)[] = [];
  const nodes = Array.from({ length: count }, () => {
    const ended = new Promise<Failure | null>((resolve) => void ends.push(resolve));
    return { watch: { ended } } as OwnNode;
  });
  return { ends, over: allEnded(nodes) };
};

test('it is over when the last network has ended, as the failure that came first', async () => {
  const { ends, over } = networks(3);
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  ends[2]?.(failureOf('FIRST_IN_TIME'));
  await new Promise((resolve) => setImmediate(resolve));
  ends[0]?.(failureOf('LATER'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  ends[1]?.(null);
  expect(await over).toEqual(failureOf('FIRST_IN_TIME'));
});

test('clean ends are a clean end', async () => {
  const { ends, over } = networks(2);
  for (const end of ends) end(null);
  expect(await over).toBeNull();
});

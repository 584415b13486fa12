// A node whose services say nothing, at the desk where orders come in.
import { expect } from 'vitest';
import { createActor, fromCallback, fromPromise } from 'xstate';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { createOrderDesk } from '../../src/daemon/order-desk.js';
import type { ConfigPlan } from '../../src/machines/config-sync-machine.js';
import { type LinkEvent, linkMachine } from '../../src/machines/link-machine.js';
import type { JobsOrder, RuntimeOrder } from '../../src/machines/node/node-events.js';
import type { HeldOrder, NodeOrder } from '../../src/machines/node/order-book.js';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { createMembership } from '../../src/services/membership.js';
import { rememberingLogger } from '../services/rig.js';

export const NOON = Date.UTC(2026, 10, 23, 12);

/** Writes go as `write` says, and the network is joined as `join` does. */
export const deskOf = (
  write: (order: NodeOrder | null) => Promise<void> = async () => undefined,
  join: () => Promise<{ network: string; registered: boolean }> = async () => ({
    network: 'net',
    registered: true,
  }),
  membership = createMembership(),
) => {
  const said: unknown[] = [];
  const link: { session: string | undefined } = { session: 's' };
  const lane: Parameters<typeof createOrderDesk>[0]['lane'] = {
    get session() {
      return link.session;
    },
    send: (type, body) => void said.push([type, body]),
  };
  const node = createActor(
    nodeMachine.provide({
      actors: {
        openIdentity: fromPromise(async () => ({ nodeId: 'n' })),
        probeHost: fromPromise<void, undefined>(async () => undefined),
        joinNetwork: fromPromise(join),
        recallOrder: fromPromise<HeldOrder | null, undefined>(async () => null),
        recordOrder: fromPromise<HeldOrder | null, { order: NodeOrder | null }>(
          async ({ input: { order } }) => {
            await write(order);
            return order === null ? null : { ...order, endsMonotonicMs: null };
          },
        ),
        loadConfig: fromPromise<ConfigPlan | null, undefined>(async () => null),
        superviseJobs: fromCallback<JobsOrder, undefined>(() => undefined),
        attachRuntime: fromCallback<RuntimeOrder, undefined>(() => undefined),
        link: linkMachine.provide({
          actors: { holdSession: fromCallback<LinkEvent, undefined>(() => undefined) },
        }),
      },
    }),
  );
  const { logger } = rememberingLogger();
  const desk = createOrderDesk({ node, lane, membership, clock: new ManualClock(NOON), logger });
  node.start();
  return { node, desk, said, link };
};

export const operating = async (...parts: Parameters<typeof deskOf>) => {
  const rig = deskOf(...parts);
  await expect.poll(() => rig.node.getSnapshot().matches('operating'), { interval: 1 }).toBe(true);
  return rig;
};

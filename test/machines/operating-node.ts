// A node that has come through its setup, on a bench: its services and children are silent until the test speaks.
import {
  type HeldOrder,
  type NodeOrder,
  type OrderRequest,
  orderAfter,
} from '../../src/machines/node/order-book.js';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { type Provided, Rig } from '../model/rig.js';

/** A configuration by its version, listing models by name; a leading `-` switches one off. */
export const planOf = (version: number, ...names: readonly string[]) => ({
  config: { version, digest: `C${version}` },
  models: names.map((name) => {
    const id = name.replace(/^-/, '');
    return { id, digest: `D-${id}`, enabled: !name.startsWith('-') };
  }),
});

export const operatingNode = (
  plan: ReturnType<typeof planOf> | null = null,
  provide?: Provided,
  recalled: HeldOrder | null = null,
): Rig => {
  const rig = new Rig(nodeMachine, provide === undefined ? {} : { provide });
  rig.finish('openIdentity', { nodeId: 'n' });
  rig.finish('probeHost');
  rig.finish('joinNetwork', { network: 'net', registered: true });
  rig.finish('recallOrder', recalled);
  rig.finish('loadConfig', plan);
  return rig;
};

export const tell = (rig: Rig, type: string, facts: object = {}): void => rig.send({ type, ...facts });

export const offerConfig = (rig: Rig, version: number): void =>
  tell(rig, 'config.offered', { config: { version, digest: `C${version}` } });

/** How the sync under way ends. */
export const endSync = (rig: Rig, outcome: string, facts: object = {}): void => {
  const { wanted } = rig.service('configSync').input as { wanted: unknown };
  rig.finish('configSync', { wanted, fetched: null, outcome, failure: null, ...facts });
};

export const busy = (rig: Rig, count: number): void =>
  tell(rig, 'jobs.changed', { load: { busy: count, outbox: 0 } });

export const ask = (
  rig: Rig,
  verb: OrderRequest['verb'],
  { by = 'owner', note = null, untilMs = null, atMs = 1_000 }: Partial<Omit<OrderRequest, 'verb'>> = {},
): void =>
  tell(rig, 'order.given', {
    request: { id: `${verb} ${rig.emitted.length}`, verb, by, note, untilMs, atMs },
  });

export const held = (order: NodeOrder): HeldOrder => ({ ...order, endsMonotonicMs: order.untilMs });

/** The order under way is on disk. */
export const written = (rig: Rig): void => {
  const { order, asked } = rig.snapshot.context;
  const next = orderAfter(order, asked[0]);
  rig.finish('recordOrder', next && held(next));
};

/** Ordered, and on disk. */
export const order: typeof ask = (rig, verb, facts) => {
  ask(rig, verb, facts);
  written(rig);
};

/** Types of what a service was told, oldest first. */
export const toldTo = (rig: Rig, id: string): string[] =>
  (rig.services.findLast((service) => service.id === id)?.received ?? []).map(({ type }) => type);

export const at = (rig: Rig, region: string): unknown =>
  (rig.snapshot.value as { operating?: Record<string, unknown> }).operating?.[region];

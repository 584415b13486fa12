// A node that has come through its setup, on a bench: its services and children are silent until the test speaks.
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

export const operatingNode = (plan: ReturnType<typeof planOf> | null = null, provide?: Provided): Rig => {
  const rig = new Rig(nodeMachine, provide === undefined ? {} : { provide });
  rig.finish('openIdentity', { nodeId: 'n' });
  rig.finish('probeHost');
  rig.finish('joinNetwork', { network: 'net', registered: true });
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

/** Types of what a service was told, oldest first. */
export const toldTo = (rig: Rig, id: string): string[] =>
  (rig.services.findLast((service) => service.id === id)?.received ?? []).map(({ type }) => type);

export const at = (rig: Rig, region: string): unknown =>
  (rig.snapshot.value as { operating?: Record<string, unknown> }).operating?.[region];

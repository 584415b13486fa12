// A network namespace of its own, joined to ours by one virtual cable: what a partition does there, it does to nobody else.
import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface Namespace {
  /** Addresses at the two ends of the cable, ours first. */
  readonly addresses: readonly [string, string];
  /** The cable's end inside. */
  readonly cable: string;
  /** Runs a program inside. */
  readonly within: readonly string[];
  run(...command: readonly string[]): void;
}

const call = ([program = '', ...args]: readonly string[]): string =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

const PROBE = `rn-probe-${process.pid}`;

/** Why there can be no namespaces here; undefined where there can. */
export const namespaceObstacle = (): string | undefined => {
  try {
    call(['ip', 'netns', 'add', PROBE]);
    try {
      call(['ip', 'netns', 'exec', PROBE, 'iptables', '--list-rules']);
    } finally {
      call(['ip', 'netns', 'delete', PROBE]);
    }
    return undefined;
  } catch (error) {
    const obstacle = `partitions need network namespaces: root, iproute2, iptables (${String(error).slice(0, 200)})`;
    if (process.env.CI === 'true') throw new Error(obstacle);
    console.warn(`SKIPPED: ${obstacle}`);
    return obstacle;
  }
};

/** Goes with the test. The addresses are of the range for measurements, which nobody routes (RFC 2544). */
export const startNamespace = (): Namespace => {
  const name = `rn-${process.pid}`;
  const [ours, cable] = [`rn${process.pid}a`, `rn${process.pid}b`];
  const block = process.pid % 16_384;
  const prefix = `198.18.${block >> 6}`;
  const first = (block & 63) * 4;
  const addresses = [`${prefix}.${first + 1}`, `${prefix}.${first + 2}`] as const;
  const within = ['ip', 'netns', 'exec', name];
  const run = (...command: readonly string[]): void => void call([...within, ...command]);

  call(['ip', 'netns', 'add', name]);
  onTestFinished(() => void call(['ip', 'netns', 'delete', name])); // the cable goes with its end inside
  call(['ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', cable, 'netns', name]);
  call(['ip', 'address', 'add', `${addresses[0]}/30`, 'dev', ours]);
  call(['ip', 'link', 'set', ours, 'up']);
  run('ip', 'address', 'add', `${addresses[1]}/30`, 'dev', cable);
  run('ip', 'link', 'set', cable, 'up');
  run('ip', 'link', 'set', 'lo', 'up');
  return { addresses, cable, within, run };
};

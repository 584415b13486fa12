// The hardware profile, kept fresh: whoever asks gets what was seen last at once, and what is old is looked at again in
// the background.
import type { Logger } from 'pino';
import type { Clock } from '../adapters/host/clock.js';
import type { HostProbe } from '../adapters/host/host-probe.js';
import type { HardwareProfile } from '../protocol/hardware.js';

export interface HardwareSource {
  readonly probe: HostProbe;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KeptHardware {
  /** The first look, a whole one. Never rejects. */
  begin(source: HardwareSource): Promise<HardwareProfile>;
  /**
   * As last seen; half a minute later GPUs, memory and disk are looked at again, for the next who asks.
   * @throws Error before the first look is done: a fault of the composition root
   */
  get(): HardwareProfile;
  /** undefined before the first look is done. */
  peek(): HardwareProfile | undefined;
  /**
   * The whole profile, not older than half a minute. Never rejects.
   * @throws Error before the first look has begun
   */
  whole(): Promise<HardwareProfile>;
}

/** A vendor's tool takes a second, and wakes a GPU that sleeps. */
const FRESH_MS = 30_000;

export const createKeptHardware = (): KeptHardware => {
  let source: HardwareSource | undefined;
  let held: HardwareProfile | undefined;
  let seenMs = 0;
  let seenWholeMs = 0;
  let looking: Promise<HardwareProfile> | undefined;

  const from = (): HardwareSource => {
    if (source === undefined) throw new Error('the hardware profile is not known yet');
    return source;
  };
  const isOld = (sinceMs: number): boolean => from().clock.monotonicMs() - sinceMs >= FRESH_MS;

  /** One look at a time: a tool that hangs is not started again and again. */
  const look = (isWhole: boolean): Promise<HardwareProfile> => {
    const { probe, clock, logger } = from();
    const before = looking;
    const now = async (): Promise<HardwareProfile> => {
      if (before !== undefined) await before;
      const found = await (isWhole || held === undefined ? probe.probe() : probe.refresh(held));
      if (held !== undefined) tellLosses(held, found, logger);
      held = found;
      seenMs = clock.monotonicMs();
      if (isWhole) seenWholeMs = seenMs;
      return found;
    };
    const mine = now().finally(() => {
      if (looking === mine) looking = undefined;
    });
    looking = mine;
    return mine;
  };

  return {
    begin(from) {
      // Every network’s node begins with a look: those that begin together share one.
      if (source !== undefined && looking !== undefined && held === undefined) return looking;
      source = from;
      return look(true);
    },
    get() {
      if (held === undefined) throw new Error('the hardware profile is not known yet');
      if (looking === undefined && isOld(seenMs)) void look(false);
      return held;
    },
    peek: () => held,
    async whole() {
      if (held !== undefined && !isOld(seenWholeMs)) return held;
      return look(true);
    },
  };
};

const tellLosses = (before: HardwareProfile, now: HardwareProfile, logger: Logger): void => {
  const places = ({ lost_gpus = [] }: HardwareProfile) => lost_gpus.map(({ place }) => place);
  const known = new Set(places(before));
  const lost = (now.lost_gpus ?? []).filter(({ place }) => !known.has(place));
  if (lost.length > 0) logger.warn({ event: 'gpu.lost', lost }, 'a GPU no longer answers');
  const still = new Set(places(now));
  const back = places(before).filter((place) => !still.has(place));
  if (back.length > 0) logger.info({ event: 'gpu.back', gpus: back }, 'a GPU answers again');
};

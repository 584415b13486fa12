// The kept profile: fresh for heartbeats without anybody waiting, one look at a time.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { HostProbe } from '../../src/adapters/host/host-probe.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import type { HardwareProfile } from '../../src/protocol/hardware.js';
import { createKeptHardware } from '../../src/services/kept-hardware.js';

const GPU = { uuid: 'GPU-1', name: 'card', vendor: 'nvidia' as const, vram_total_bytes: 1 };
const profileOf = (cores: number, lost = false): HardwareProfile => ({
  gpus: lost ? [] : [{ ...GPU, temperature_celsius: cores }],
  ...(lost && { lost_gpus: [{ place: 'GPU-1', reason: 'fell off the bus' }] }),
  cpu: { model: 'test', cores },
  ram_bytes: { total: 1, free: 1 },
  disk_bytes: { total: 1, free: 1 },
  os: 'test',
});

/** Answers when the test says so; `asked` tells what for. */
class SteeredProbe implements HostProbe {
  readonly asked: string[] = [];
  #answers: ((profile: HardwareProfile) => void)[] = [];

  probe = () => this.#ask('whole');
  refresh = () => this.#ask('changing');

  async answer(profile: HardwareProfile): Promise<void> {
    this.#answers.shift()?.(profile);
    await new Promise(setImmediate);
  }

  #ask(what: string): Promise<HardwareProfile> {
    this.asked.push(what);
    return new Promise((resolve) => this.#answers.push(resolve));
  }
}

const rig = async () => {
  const probe = new SteeredProbe();
  const clock = new ManualClock();
  const events: unknown[] = [];
  const logger = pino(
    { level: 'info' },
    { write: (line: string) => void events.push(JSON.parse(line).event) },
  );
  const kept = createKeptHardware();
  const begun = kept.begin({ probe, clock, logger });
  await probe.answer(profileOf(1));
  await begun;
  return { probe, clock, kept, events };
};

test('before the first look nobody gets a guess', () => {
  expect(createKeptHardware().peek()).toBeUndefined();
  expect(() => createKeptHardware().get()).toThrow('not known yet');
});

test('within half a minute the same is told; after it too, while one look is made behind it', async () => {
  const { probe, clock, kept } = await rig();
  clock.advance(29_999);
  expect(kept.get()).toEqual(profileOf(1));
  expect(probe.asked).toEqual(['whole']);
  clock.advance(1);
  expect([kept.get(), kept.get()]).toEqual([profileOf(1), profileOf(1)]);
  expect(probe.asked).toEqual(['whole', 'changing']);
  clock.advance(600_000);
  kept.get();
  expect(probe.asked).toHaveLength(2); // the tool hangs: it is not started a second time
  await probe.answer(profileOf(2));
  expect(kept.get()).toEqual(profileOf(2));
  expect(probe.asked).toHaveLength(2);
});

test('a whole profile is looked for only where the last is old, and after a look in progress', async () => {
  const { probe, clock, kept } = await rig();
  expect(await kept.whole()).toEqual(profileOf(1));
  clock.advance(30_000);
  kept.get();
  const whole = kept.whole();
  await new Promise(setImmediate);
  expect(probe.asked).toEqual(['whole', 'changing']);
  await probe.answer(profileOf(2));
  expect(probe.asked).toEqual(['whole', 'changing', 'whole']);
  await probe.answer(profileOf(3));
  expect(await whole).toEqual(profileOf(3));
});

test('a GPU that is lost, and one that comes back, are logged once each', async () => {
  const { probe, clock, kept, events } = await rig();
  for (const lost of [true, true, false]) {
    clock.advance(30_000);
    kept.get();
    await new Promise(setImmediate);
    await probe.answer(profileOf(1, lost));
  }
  expect(events).toEqual(['gpu.lost', 'gpu.back']);
});

import { expect, test } from 'vitest';
import { hardwareProfile } from '../../src/protocol/hardware.js';

const OLD = {
  gpus: [{ uuid: 'GPU-1', name: 'A100', vram_total_bytes: 80_000 }],
  cpu: { model: 'EPYC', cores: 64 },
  ram_bytes: { total: 2, free: 1 },
  disk_bytes: { total: 2, free: 1 },
  os: 'Linux',
};

test('takes the profile of an older node as it is', () => {
  expect(hardwareProfile.parse(OLD)).toEqual(OLD);
});

test('drops what a newer node tells, and a vendor not heard of yet', () => {
  const [gpu] = OLD.gpus;
  const newer = { ...OLD, gpus: [{ ...gpu, vendor: 'some-new-one', colour: 'green' }], weather: 'fine' };
  expect(JSON.parse(JSON.stringify(hardwareProfile.parse(newer)))).toEqual(OLD);
});

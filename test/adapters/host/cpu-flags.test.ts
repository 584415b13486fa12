import { expect, test } from 'vitest';
import { cpuFlags, readCpuFlags } from '../../../src/adapters/host/cpu-flags.js';

test('tells the vector units of the first processor, by whole words', () => {
  const text =
    'processor\t: 0\nflags\t\t: fpu avx avx2 avx512f amx_tile amx_int8\n\nprocessor\t: 1\nflags\t\t: fpu\n';
  expect(readCpuFlags(text)).toEqual(['avx2', 'avx512f', 'amx']);
  expect(readCpuFlags('flags\t\t: fpu avx avx512fp16\n')).toEqual([]);
});

test('tells nothing where the kernel lists no flags', async () => {
  expect(readCpuFlags('Features\t: asimd\n')).toBeUndefined();
  expect(await cpuFlags('/not/there')).toBeUndefined();
});

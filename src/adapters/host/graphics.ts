// From the controllers systeminformation lists to the GPUs of the profile. Only memory of its own makes a GPU: display
// adapters of virtual machines and graphics that borrow from RAM are left out.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Gpu } from './nvidia-report.js';

const MIB = 1024 * 1024;
const mebibytes = z.number().min(0).nullish().catch(undefined);
const words = z.string().nullish().catch(undefined);

const controller = z.object({
  vendor: words,
  model: words,
  /** From nvidia-smi. */
  name: words,
  busAddress: words,
  pciBus: words,
  vram: mebibytes,
  vramDynamic: z.boolean().nullish().catch(undefined),
  memoryTotal: mebibytes,
  memoryUsed: mebibytes,
  driverVersion: words,
});
const graphicsAnswer = z.object({ controllers: z.array(controller.catch({})).max(256) });

/** `00000000:01:00.0` (nvidia-smi) and `0000:01:00.0` (the kernel) name one place. */
const pciAddress = (text: string): string => text.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '');

/**
 * @param answer of `systeminformation.graphics()`
 * @param uuids by PCI address, as {@link nvidiaUuids} reads them; a GPU without one is named by its place
 * @param except vendors whose own tool has answered
 */
export const gpusOf = (
  answer: unknown,
  uuids: ReadonlyMap<string, string>,
  except: readonly RegExp[] = [],
): Gpu[] =>
  graphicsAnswer.parse(answer).controllers.flatMap((found, index): Gpu[] => {
    const borrowed = found.vramDynamic === true;
    const totalMib = found.memoryTotal ?? (borrowed ? 0 : (found.vram ?? 0));
    if (totalMib <= 0) return [];
    if (except.some((vendor) => vendor.test(`${found.vendor ?? ''} ${found.name ?? ''}`))) return [];
    const place = pciAddress(found.pciBus || found.busAddress || '');
    const name = found.name || [found.vendor, found.model].filter(Boolean).join(' ') || 'unknown GPU';
    return [
      {
        uuid: (uuids.get(place) ?? (place === '' ? `index:${index}` : `pci:${place}`)).slice(0, 96),
        name: name.slice(0, 128),
        vram_total_bytes: Math.round(totalMib * MIB),
        ...(typeof found.memoryUsed === 'number' && { vram_used_bytes: Math.round(found.memoryUsed * MIB) }),
        ...(found.driverVersion && { driver: found.driverVersion.slice(0, 64) }),
      },
    ];
  });

/**
 * The UUIDs NVIDIA's kernel driver tells, by PCI address; empty without that driver.
 * Source: `/proc/driver/nvidia/gpus/<address>/information`, line `GPU UUID:`.
 */
export const nvidiaUuids = async (
  directory = '/proc/driver/nvidia/gpus',
): Promise<ReadonlyMap<string, string>> => {
  const places = await readdir(directory).catch(() => []);
  const pairs = await Promise.all(
    places.map(async (place): Promise<[string, string][]> => {
      const text = await readFile(join(directory, place, 'information'), 'utf8').catch(() => '');
      const uuid = /^GPU UUID:\s*(GPU-[0-9a-f-]+)\s*$/im.exec(text)?.[1];
      return uuid === undefined ? [] : [[pciAddress(place), uuid]];
    }),
  );
  return new Map(pairs.flat());
};

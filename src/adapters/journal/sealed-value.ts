// A value on disk: format byte, CRC-32, JSON. LMDB keeps pages whole across a crash, but has no checksum of its own
// against what a disk or an owner's editor does to them. The checksum is also of the value's place: one job's output found
// under another's name is not believed.
import { crc32 } from 'node:zlib';

/** 1, never released, had no place under its checksum. */
const FORMAT = 2;
const HEAD_BYTES = 5;

const checksum = (json: Uint8Array, place: string): number => crc32(json, crc32(place));

/** @param place where it will lie, e.g. `outputs/<job>:<attempt>` */
export const sealValue = (value: unknown, place: string): Buffer => {
  const json = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = FORMAT;
  head.writeUInt32BE(checksum(json, place), 1);
  return Buffer.concat([head, json]);
};

/** @throws Error not what {@link sealValue} wrote for this place; the message never quotes the bytes */
export const openValue = (bytes: Uint8Array, place: string): unknown => {
  if (bytes[0] !== FORMAT) throw new Error(`unknown format ${bytes[0]}`);
  if (bytes.length < HEAD_BYTES) throw new Error('cut short');
  const json = Buffer.from(bytes.buffer, bytes.byteOffset + HEAD_BYTES, bytes.byteLength - HEAD_BYTES);
  const expected = new DataView(bytes.buffer, bytes.byteOffset + 1, 4).getUint32(0);
  if (checksum(json, place) !== expected) throw new Error('checksum does not match');
  return JSON.parse(json.toString('utf8'));
};

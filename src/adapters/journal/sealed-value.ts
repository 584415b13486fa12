// A value on disk: format byte, CRC-32, JSON. LMDB keeps pages whole across a crash, but has no checksum of its own
// against what a disk or an owner's editor does to them.
import { crc32 } from 'node:zlib';

const FORMAT = 1;
const HEAD_BYTES = 5;

export const sealValue = (value: unknown): Buffer => {
  const json = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = FORMAT;
  head.writeUInt32BE(crc32(json), 1);
  return Buffer.concat([head, json]);
};

/** @throws Error not what {@link sealValue} wrote; the message never quotes the bytes */
export const openValue = (bytes: Uint8Array): unknown => {
  if (bytes[0] !== FORMAT) throw new Error(`unknown format ${bytes[0]}`);
  const json = Buffer.from(bytes.buffer, bytes.byteOffset + HEAD_BYTES, bytes.byteLength - HEAD_BYTES);
  const expected = new DataView(bytes.buffer, bytes.byteOffset + 1, 4).getUint32(0);
  if (crc32(json) !== expected) throw new Error('checksum does not match');
  return JSON.parse(json.toString('utf8'));
};

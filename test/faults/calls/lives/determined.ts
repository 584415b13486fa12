// Imported first: times and random names are the same at each run, so that a call can be named by its file.
let drawn = 0;
let nowMs = 1_700_000_000_000;

Date.now = () => nowMs++;
Object.defineProperty(globalThis.crypto, 'getRandomValues', {
  value: <T extends ArrayBufferView>(array: T): T => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < bytes.length; at++) {
      drawn += 7;
      bytes[at] = drawn & 0xff;
    }
    return array;
  },
});

// The proxy itself, on real sockets: were it calm where it should be rough, the tests behind it would prove nothing.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startFaultProxy } from './fault-proxy.js';

const settled = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A proxy before a server that keeps what it hears and can answer; one connection through it. */
const rig = async (name: string) => {
  const heard: Buffer[] = [];
  const ends: string[] = [];
  let far: Socket | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    far = socket;
    socket.on('data', (bytes) => void heard.push(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => void ends.push(`far ${error.code}`));
    socket.on('end', () => void ends.push('far end'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startFaultProxy(name, () => (server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.close();
    far?.destroy();
    server.close();
  });
  const dial = async () => {
    const near = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('error', (error: NodeJS.ErrnoException) => void ends.push(`near ${error.code}`));
    near.on('end', () => void ends.push('near end'));
    onTestFinished(() => void near.destroy());
    await new Promise((resolve) => near.once('connect', resolve).once('error', resolve));
    return near;
  };
  return { proxy, heard, ends, dial, far: () => far, text: () => Buffer.concat(heard).toString() };
};

const DATA = Buffer.alloc(40_000, 'abcdefghij');

test('passes everything on in a calm, both ways, and the end of it', async () => {
  const { dial, far, text, ends } = await rig('calm');
  const near = await dial();
  near.write(DATA);
  await expect.poll(() => text().length).toBe(DATA.length);
  expect(text()).toBe(DATA.toString());
  far()?.write('back');
  expect(String((await once(near, 'data'))[0])).toBe('back');
  near.end();
  await expect.poll(() => ends).toEqual(['far end']);
  far()?.end();
  await expect.poll(() => ends).toEqual(['far end', 'near end']);
});

test('delays without holding back what follows', async () => {
  const { proxy, dial, text } = await rig('latency');
  const near = await dial();
  proxy.weather({ up: { latencyMs: 300 } });
  const begunMs = performance.now();
  for (const word of ['a', 'b', 'c']) {
    near.write(word);
    await settled(20);
  }
  await settled(100);
  expect(text()).toBe('');
  await expect.poll(() => text()).toBe('abc');
  const tookMs = performance.now() - begunMs;
  expect(tookMs).toBeGreaterThanOrEqual(300);
  expect(tookMs).toBeLessThan(900); // one delay, not three
});

test('lets through so many bytes a second, and keeps the rest from the sender', async () => {
  const { proxy, dial, text } = await rig('bandwidth');
  const near = await dial();
  proxy.both({ bytesPerSecond: 40_000 });
  const begunMs = performance.now();
  near.write(DATA);
  await expect.poll(() => text().length, { timeout: 5_000 }).toBe(DATA.length);
  expect(performance.now() - begunMs).toBeGreaterThanOrEqual(900);
});

test('slices, and sends the slices a moment apart', async () => {
  const { proxy, dial, heard, text } = await rig('slices');
  const near = await dial();
  proxy.both({ sliceBytes: 100 });
  const begunMs = performance.now();
  near.write(DATA.subarray(0, 10_000));
  await expect.poll(() => text().length, { timeout: 5_000 }).toBe(10_000);
  expect(text()).toBe(DATA.subarray(0, 10_000).toString());
  expect(heard.length).toBeGreaterThan(1); // the kernel may join many
  expect(performance.now() - begunMs).toBeGreaterThanOrEqual(100);
});

test('is a black hole while held: neither bytes nor the end come through, and both come after', async () => {
  const { proxy, dial, text, ends } = await rig('held');
  const near = await dial();
  near.write('before ');
  await expect.poll(text).toBe('before ');
  proxy.both({ isHeld: true });
  near.write('after');
  near.end();
  await settled(200);
  expect([text(), ends]).toEqual(['before ', []]);
  proxy.calm();
  await expect.poll(text).toBe('before after');
  await expect.poll(() => ends).toEqual(['far end']);
});

test('truncates: closes in order after so many bytes', async () => {
  const { proxy, dial, text, ends } = await rig('limit');
  const near = await dial();
  proxy.weather({ up: { limitData: [100, 200] } });
  near.write(DATA);
  await expect.poll(() => ends).toContain('far end');
  expect(text().length).toBeGreaterThanOrEqual(100);
  expect(text().length).toBeLessThanOrEqual(200);
  expect(proxy.counts.cut).toBe(1);
});

test('resets both sides after so many bytes, and all at once', async () => {
  const { proxy, dial, ends } = await rig('reset');
  const near = await dial();
  proxy.weather({ up: { resetAfter: [10, 10] } });
  near.write(DATA);
  await expect.poll(() => ends).toContain('near ECONNRESET');
  // Bytes and a reset that come together look like an end to libuv.
  await expect.poll(() => ends.filter((end) => end.startsWith('far'))).toHaveLength(1);
  proxy.calm();
  ends.splice(0);
  await dial();
  await expect.poll(() => proxy.open).toBe(1);
  await settled(50);
  expect(proxy.resetAll()).toBe(1);
  await expect.poll(() => [...ends].sort()).toEqual(['far ECONNRESET', 'near ECONNRESET']);
});

test('turns bits over, about as often as told', async () => {
  const { proxy, dial, text, heard } = await rig('corrupt');
  const near = await dial();
  proxy.weather({ up: { corruptEvery: [900, 1_100] } });
  near.write(DATA);
  await expect.poll(() => text().length).toBe(DATA.length);
  const wrong = Buffer.concat(heard).filter((byte, at) => byte !== DATA[at]).length;
  expect(wrong).toBeGreaterThanOrEqual(36);
  expect(wrong).toBeLessThanOrEqual(45);
});

test('refuses while down, and closes slowly where told to', async () => {
  const { proxy, dial, ends, far } = await rig('down');
  proxy.down(true);
  await dial();
  await expect.poll(() => ends).toEqual(['near ECONNRESET']);
  proxy.down(false);
  ends.splice(0);
  const near = await dial();
  near.write('x');
  await expect.poll(() => far() !== undefined).toBe(true);
  proxy.both({ slowCloseMs: 200 });
  near.end();
  await settled(100);
  expect(ends).toEqual([]);
  await expect.poll(() => ends).toEqual(['far end']);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ulid as ulidAt } from 'ulid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedBalance } from '../../../src/network/ledger/balance.js';
import { type AuditedLedger, createLedger } from '../../../src/network/ledger/create-ledger.js';
import { InsufficientCreditsError, LedgerOrderError } from '../../../src/network/ledger/ledger-errors.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';

const NODE = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const NS = 'acme/default';
const RECEIPT = `sha256:${'a'.repeat(64)}`;
const prices = { promptToken: 2n, completionToken: 5n };
const START = 1_700_000_000_000;

let path: string;
let store: NetworkStore;
let nowMs: number;
let ledger: AuditedLedger;
let jobs: number;
const clock = { nowMs: () => nowMs };
const newJob = () => ulidAt(START + jobs++);

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'ledger-'));
  store = openStore(path);
  nowMs = START;
  jobs = 0;
  ledger = createLedger(store, prices, clock);
});
afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

const settle = (job: string, prompt: number, completion: number) =>
  store.transaction(() =>
    ledger.settleNow({
      job,
      node: NODE,
      receiptDigest: RECEIPT,
      usage: { prompt_tokens: prompt, completion_tokens: completion },
    }),
  );
const release = (job: string) => store.transaction(() => ledger.releaseNow(job));

test('reserves, charges what the usage costs, and gives the rest back', async () => {
  const job = newJob();
  await ledger.deposit(NS, 1000n);
  await ledger.reserve(job, NS, 300n);
  expect(ledger.balance(NS)).toEqual({ available: 700n, reserved: 300n });
  expect(ledger.price({ prompt_tokens: 10, completion_tokens: 20 })).toBe(120n);
  expect(await settle(job, 10, 20)).toBe(120n);
  expect(ledger.balance(NS)).toEqual({ available: 880n, reserved: 0n });
  expect(ledger.earned(NODE.toLowerCase())).toBe(120n);
  expect(
    ledger.entries({ job }).map(({ kind, amount, node, usage }) => ({ kind, amount, node, usage })),
  ).toEqual([
    { kind: 'reserve', amount: '300', node: null, usage: null },
    { kind: 'settle', amount: '120', node: NODE, usage: { prompt_tokens: 10, completion_tokens: 20 } },
    { kind: 'release', amount: '180', node: null, usage: null },
  ]);
  expect(ledger.entries()).toHaveLength(4);
  expect(ledger.entries({ limit: 1 })).toEqual(ledger.entries().slice(-1));
});

test('never charges more than was reserved', async () => {
  const job = newJob();
  await ledger.deposit(NS, 100n);
  await ledger.reserve(job, NS, 50n);
  expect(await settle(job, 1000, 1000)).toBe(50n);
  expect(ledger.balance(NS)).toEqual({ available: 50n, reserved: 0n });
});

test('settles or releases a job once', async () => {
  const [one, other] = [newJob(), newJob()];
  await ledger.deposit(NS, 100n);
  await ledger.reserve(one, NS, 50n);
  await ledger.reserve(other, NS, 50n);
  expect(await settle(one, 1, 1)).toBe(7n);
  expect(await settle(one, 1, 1)).toBeUndefined();
  await release(one);
  await release(other);
  expect(await settle(other, 1, 1)).toBeUndefined();
  expect(await settle(newJob(), 1, 1)).toBeUndefined();
  await release(newJob());
  expect(ledger.balance(NS)).toEqual({ available: 93n, reserved: 0n });
  expect(ledger.earned(NODE)).toBe(7n);
});

test('reserves once per job, and refuses another amount or namespace for it', async () => {
  const job = newJob();
  await ledger.deposit(NS, 100n);
  await ledger.deposit('other/default', 100n);
  await Promise.all([ledger.reserve(job, NS, 60n), ledger.reserve(job, NS, 60n)]);
  expect(ledger.balance(NS)).toEqual({ available: 40n, reserved: 60n });
  await expect(ledger.reserve(job, NS, 61n)).rejects.toThrow(LedgerOrderError);
  await expect(ledger.reserve(job, 'other/default', 60n)).rejects.toThrow(LedgerOrderError);
});

test('refuses a reservation beyond what is available, with both numbers', async () => {
  await ledger.deposit(NS, 100n);
  const results = await Promise.allSettled([
    ledger.reserve(newJob(), NS, 60n),
    ledger.reserve(newJob(), NS, 60n),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  const refusal = results[1]?.status === 'rejected' ? results[1].reason : undefined;
  expect(refusal).toBeInstanceOf(InsufficientCreditsError);
  expect(refusal).toMatchObject({ details: { needed: '60', available: '40' } });
  await expect(ledger.reserve(newJob(), 'nobody/default', 1n)).rejects.toThrow(InsufficientCreditsError);
});

test('refuses amounts that are none', async () => {
  await expect(ledger.deposit(NS, 0n)).rejects.toThrow(LedgerOrderError);
  await expect(ledger.deposit(NS, -5n)).rejects.toThrow(LedgerOrderError);
  await expect(ledger.deposit('', 5n)).rejects.toThrow(LedgerOrderError);
  await expect(ledger.reserve(newJob(), NS, -1n)).rejects.toThrow(LedgerOrderError);
});

test('charges nothing when the transaction around the settlement fails', async () => {
  const job = newJob();
  await ledger.deposit(NS, 100n);
  await ledger.reserve(job, NS, 50n);
  const before = ledger.entries();
  const failed = store.transaction(() => {
    ledger.settleNow({
      job,
      node: NODE,
      receiptDigest: RECEIPT,
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    });
    throw new Error('the job record could not be written');
  });
  await expect(failed).rejects.toThrow('the job record could not be written');
  expect(ledger.entries()).toEqual(before);
  expect(ledger.earned(NODE)).toBe(0n);
  expect(await settle(job, 1, 1)).toBe(7n);
  expect(ledger.audit()).toEqual([]);
});

test('keeps the books and the order of entries over a restart with a clock set back', async () => {
  const job = newJob();
  await ledger.deposit(NS, 100n);
  await ledger.reserve(job, NS, 50n);
  await store.close();
  store = openStore(path);
  nowMs = START - 1_000_000;
  ledger = createLedger(store, prices, clock);
  await settle(job, 1, 1);
  expect(ledger.entries().map(({ kind }) => kind)).toEqual(['deposit', 'reserve', 'settle', 'release']);
  expect(ledger.balance(NS)).toEqual({ available: 93n, reserved: 0n });
  expect(ledger.audit()).toEqual([]);
});

test('finds a sum that does not follow from the entries', async () => {
  await ledger.deposit(NS, 100n);
  await store.transaction(() =>
    store
      .table('ledger_balances', storedBalance)
      .put(NS, { deposited: '100', available: '999', reserved: '0', charged: '0' }),
  );
  expect(ledger.audit()).toEqual([NS]);
});

type Step = {
  readonly kind: 'deposit' | 'reserve' | 'settle' | 'release';
  readonly space: number;
  readonly job: number;
  readonly amount: number;
};

test('adds up after any history: available + reserved + charged = deposited, nothing negative', async () => {
  const step = fc.record({
    kind: fc.constantFrom<Step['kind']>('deposit', 'reserve', 'settle', 'release'),
    space: fc.nat(1),
    job: fc.nat(5),
    amount: fc.nat(400),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const own = Array.from({ length: 6 }, newJob);
      const run = jobs;
      const spaces = [`a${run}/x`, `b${run}/x`];
      const deposited = [0n, 0n];
      const ended = new Map<string, number>();
      const work = steps.map(async ({ kind, space, job, amount }: Step) => {
        const id = own[job] ?? '';
        const namespace = spaces[space] ?? '';
        if (kind === 'deposit') {
          if (amount === 0) return;
          await ledger.deposit(namespace, BigInt(amount));
          deposited[space] = (deposited[space] ?? 0n) + BigInt(amount);
        } else if (kind === 'reserve') {
          await ledger.reserve(id, namespace, BigInt(amount)).catch((error: unknown) => {
            if (error instanceof InsufficientCreditsError || error instanceof LedgerOrderError) return;
            throw error;
          });
        } else if (kind === 'settle') {
          if ((await settle(id, amount, 1)) !== undefined) ended.set(id, (ended.get(id) ?? 0) + 1);
        } else await release(id);
      });
      await Promise.all(work);
      const charges = own.flatMap((job) => ledger.entries({ job }).filter(({ kind }) => kind === 'settle'));
      expect(charges.length).toBe([...ended.values()].reduce((sum, n) => sum + n, 0));
      expect([...ended.values()].every((times) => times === 1)).toBe(true);
      for (const [at, namespace] of spaces.entries()) {
        const { available, reserved } = ledger.balance(namespace);
        const charged = charges
          .filter((entry) => entry.namespace === namespace)
          .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
        expect(available + reserved + charged).toBe(deposited[at]);
        expect(available >= 0n && reserved >= 0n).toBe(true);
      }
      expect(ledger.audit()).toEqual([]);
    }),
    { numRuns: 60, seed: 11 },
  );
});

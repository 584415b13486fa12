// How many faults of a kind the whole suite promises, where each is one of thousands: asserted by the test that brings them.

/** Damaged copies that are opened, by what is damaged. */
export const PROMISED_DAMAGES = {
  'account.json': 2_200,
  'account.json, decoded': 4_500,
  'config.json': 3_400,
  'failures.json': 2_100,
  'failures.json, decoded': 8_700,
  'floor.json': 2_300,
  'floor.json, decoded': 1_600,
  'identity.json': 5_700,
  'journal, data.mdb': 3_100,
  'journal, meta': 1_200,
  'journal, outputs': 1_500,
  'journal, records': 10_000,
  'journal, requests': 3_000,
  'logs/<report>.json': 1_300,
  'logs/<report>.ndjson': 1_300,
  'models/<digest>': 850,
  'order.json': 2_000,
  'order.json, decoded': 1_500,
  'proven.json': 2_100,
  'proven.json, decoded': 7_600,
} as const;

/** States of the disk after a power cut that are opened, by whose disk it is. */
export const PROMISED_IMAGES = { journal: 17_000, 'small files': 3_200 } as const;

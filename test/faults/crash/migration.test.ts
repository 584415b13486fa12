// Kills and power cuts at each step of a migration: the newer node finds all that was promised, and what an older one
// would need to go back is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeDocument } from '../../../src/adapters/state/document-file.js';
import { backupPath } from '../../../src/adapters/state/document-migration.js';
import { openDocument } from '../../../src/adapters/state/document-store.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { withoutDirectorySync, withoutSync } from './calls.js';
import { expectFrom, promised } from './judge-state.js';
import { LAST_OLD, newer } from './migrated-document.js';
import { type Judge, openImages } from './open-images.js';
import { recordingObstacle, recordLife } from './record-life.js';

const judge: Judge = async (place, { acknowledged }) => {
  const path = join(place, 'data/counts.json');
  const least = promised(acknowledged, 'old');
  if (!existsSync(join(place, 'data'))) {
    expect(least).toBe(0);
    return;
  }
  const { store, recovered } = await openDocument(newer(path));
  expect(['fresh', 'migrated', 'whole']).toContain(recovered);
  const isNew = acknowledged.includes('new');
  if (least < LAST_OLD) expectFrom(least, store.data, (count) => ({ counts: [count] }));
  else {
    const after = { counts: [LAST_OLD, LAST_OLD + 1] };
    expect(isNew ? [after] : [{ counts: [LAST_OLD] }, after]).toContainEqual(store.data);
  }
  if (recovered === 'fresh') return;
  const kept = decodeDocument(readFileSync(backupPath(path, 1)));
  expect(kept).toMatchObject({ version: 1, data: { count: expect.any(Number) } });
  if (least === LAST_OLD) expect(kept).toMatchObject({ data: { count: LAST_OLD } });
};

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)('loses neither the document nor its older bytes', async () => {
  const life = await recordLife('migrate.ts', memoryScratch());
  const tally = new FaultTally('document of version 1');
  onTestFinished(() => tally.file());
  const { opened, broken } = await openImages('migration', life, scaled(60), judge);
  expect(broken).toBeUndefined();
  tally.count('power cut or kill around its migration', 'every promise kept', opened);
  for (const [what, change] of Object.entries({ withoutSync, withoutDirectorySync })) {
    const control = await openImages(what, { ...life, calls: change(life.calls) }, 8, judge);
    expect(control.broken, what).toBeDefined();
    tally.count(`migration ${what} (control)`, 'caught');
  }
  expect(opened).toBeGreaterThan(isWhole ? 40 : 0);
});

// Documents of older versions, brought forward one version at a time; the bytes as they were are kept beside.
import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { Stored } from './document-file.js';
import { DocumentTooNewError, DocumentTooOldError } from './state-errors.js';

/** Under a version: makes the data of the next one of it, or throws where it is none. It must not change what it is given. */
export type Migrations = Readonly<Record<number, (data: unknown) => unknown>>;

/** Where the bytes of an older version are kept, e.g. `floor.v1.json`; nothing ever removes them. */
export const backupPath = (path: string, version: number): string => {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.v${version}${ext}`);
};

/**
 * @param place of the document itself, where `path` is its previous copy
 * @throws DocumentTooNewError, which names the copy of this version where there is one
 */
export const refuseNewer = (path: string, stored: Stored, known: number, place: string): void => {
  if (stored.version <= known) return;
  const backup = backupPath(place, known);
  const restore = existsSync(backup)
    ? `put ${backup} in its place, which was kept when it was migrated: what has changed since is lost then`
    : 'restore a backup made by this one';
  throw new DocumentTooNewError(
    `${path} has version ${stored.version}; this node knows versions up to ${known}`,
    { advice: `Run the newer version of the node again, or ${restore}.`, details: { path } },
  );
};

/** @returns undefined for data no older version wrote. @throws DocumentTooOldError */
export const migrate = (path: string, stored: Stored, to: number, migrations: Migrations): unknown => {
  let { data } = stored;
  for (let version = stored.version; version < to; version++) {
    const step = migrations[version];
    if (step === undefined) {
      throw new DocumentTooOldError(
        `${path} has version ${stored.version}, which this node no longer reads`,
        {
          advice: 'Start a version of the node in between once: it brings the document forward.',
          details: { path },
        },
      );
    }
    try {
      data = step(data);
    } catch {
      return undefined;
    }
  }
  return data;
};

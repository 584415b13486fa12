// Notices calls on files of the data directory, between one and the next: Node's own functions are wrapped, so that the
// node's code stays as it is.
import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import type { KillStep } from '../kill-order.js';

type DiskStep = Extract<KillStep, { at: 'disk' }>;
type Call = DiskStep['call'];

export const watchFiles = (dataDir: string, step: DiskStep, arrived: () => void): void => {
  const pattern = new RegExp(step.path);
  const tell = (call: Call, when: DiskStep['when'], path: unknown): void => {
    if (call !== step.call || when !== step.when || typeof path !== 'string') return;
    if (pattern.test(relative(dataDir, path))) arrived();
  };
  const around = async <T>(call: Call, path: unknown, work: () => Promise<T>): Promise<T> => {
    tell(call, 'before', path);
    const done = await work();
    tell(call, 'after', path);
    return done;
  };
  const aroundSync = <T>(call: Call, path: unknown, work: () => T): T => {
    tell(call, 'before', path);
    const done = work();
    tell(call, 'after', path);
    return done;
  };

  const { link, open, rename, rm } = promises;
  const { renameSync, rmSync, writeFileSync } = fs;
  const watched = (file: FileHandle, path: unknown): FileHandle => {
    const { writeFile, sync } = file;
    file.writeFile = (...args) => around('write', path, () => writeFile.apply(file, args));
    file.sync = () => around('sync', path, () => sync.call(file));
    return file;
  };
  promises.open = async (path, ...rest) =>
    watched(await around('open', path, () => open(path, ...rest)), path);
  promises.link = (from, to) => around('link', to, () => link(from, to));
  promises.rename = (from, to) => around('rename', to, () => rename(from, to));
  promises.rm = (path, options) => around('remove', path, () => rm(path, options));
  fs.renameSync = (from, to) => aroundSync('rename', to, () => renameSync(from, to));
  fs.rmSync = (path, options) => aroundSync('remove', path, () => rmSync(path, options));
  fs.writeFileSync = (path, data, options) =>
    aroundSync('write', path, () => writeFileSync(path, data, options));
  syncBuiltinESMExports();
};

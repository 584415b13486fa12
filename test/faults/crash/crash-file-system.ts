// A file system that forgets: what was not brought to the disk may have reached it or not, whole or torn, in any order.
// Names are kept apart from contents, as POSIX has it: the fsync of a file says nothing of its name in the directory.
import { dirname } from 'node:path';
import type { Call } from './calls.js';

/** What is found after the power has come back, by path; a directory is null. */
export type Image = ReadonlyMap<string, Buffer | null>;
type Random = (below: number) => number;

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };

interface Inode {
  /** On the disk for certain. */
  safe: Buffer;
  /** Done, and not synced. */
  readonly loose: Change[];
}

/** A change of names: each name given to an inode, or taken away. One rename is one change. */
type Naming = ReadonlyMap<string, Inode | null>;

interface Directory {
  safe: Map<string, Inode | null>;
  loose: Naming[];
}

/** The unit in which a disk writes or does not. */
const SECTOR = 512;

const apply = (bytes: Buffer, change: Change): Buffer => {
  if ('size' in change) {
    return Buffer.concat([
      bytes.subarray(0, change.size),
      Buffer.alloc(Math.max(0, change.size - bytes.length)),
    ]);
  }
  const grown = Buffer.alloc(Math.max(bytes.length, change.at + change.bytes.length));
  bytes.copy(grown);
  change.bytes.copy(grown, change.at);
  return grown;
};

const named = (names: Map<string, Inode | null>, naming: Naming): void => {
  for (const [path, inode] of naming) {
    if (inode === null) names.delete(path);
    else names.set(path, inode);
  }
};

/** A part of a write: the length may have reached the disk without the bytes, or some sectors of them. */
const torn = (change: Change, random: Random): Change => {
  if ('size' in change) return change;
  const bytes = Buffer.from(change.bytes);
  const sectors = Math.ceil(bytes.length / SECTOR);
  if (sectors === 1) return { at: change.at, bytes: bytes.fill(0) };
  for (let sector = 0; sector < sectors; sector++) {
    if (random(2) === 0) bytes.fill(0, sector * SECTOR, Math.min((sector + 1) * SECTOR, bytes.length));
  }
  return { at: change.at, bytes };
};

export class CrashFileSystem {
  readonly #now = new Map<string, Inode>();
  readonly #directories = new Map<string, Directory>();
  readonly #root: string;

  /** @param root a directory that has been there for long */
  constructor(root: string) {
    this.#root = root;
    this.#directories.set(root, { safe: new Map(), loose: [] });
  }

  do(call: Call): void {
    switch (call.do) {
      case 'mkdir':
        this.#directories.set(call.path, { safe: new Map(), loose: [] });
        this.#name(new Map([[call.path, this.#make(call.path)]]));
        break;
      case 'create':
        this.#name(new Map([[call.path, this.#make(call.path)]]));
        break;
      case 'write': {
        const inode = this.#at(call.path);
        if (call.durable) inode.safe = apply(inode.safe, call);
        else inode.loose.push(call);
        break;
      }
      case 'truncate':
        this.#at(call.path).loose.push({ size: call.size });
        break;
      case 'sync': {
        const directory = this.#directories.get(call.path);
        if (directory === undefined) this.#sync(this.#at(call.path));
        else {
          for (const naming of directory.loose) named(directory.safe, naming);
          directory.loose = [];
        }
        break;
      }
      case 'rename': {
        const inode = this.#at(call.from);
        this.#now.delete(call.from);
        this.#now.set(call.to, inode);
        this.#name(
          new Map([
            [call.from, null],
            [call.to, inode],
          ]),
        );
        break;
      }
      case 'link': {
        const inode = this.#at(call.from);
        this.#now.set(call.to, inode);
        this.#name(new Map([[call.to, inode]]));
        break;
      }
      case 'unlink':
        this.#now.delete(call.path);
        this.#name(new Map([[call.path, null]]));
        break;
      case 'acknowledge':
        break;
    }
  }

  /** Things the disk may still decide about. */
  get choices(): number {
    let choices = 0;
    for (const { loose } of this.#directories.values()) choices += loose.length;
    for (const { loose } of new Set(this.#now.values())) choices += loose.length;
    return choices;
  }

  /**
   * One way the disk may be found.
   * @param keeps asked once for each choice, in a fixed order; `torn` keeps a part of a write
   */
  image(keeps: () => 'kept' | 'lost' | 'torn', random: Random): Image {
    const found = new Map<string, Buffer | null>();
    const contents = new Map<Inode, Buffer>();
    const contentOf = (inode: Inode): Buffer => {
      const known = contents.get(inode);
      if (known !== undefined) return known;
      let bytes = inode.safe;
      for (const change of inode.loose) {
        const fate = keeps();
        if (fate !== 'lost') bytes = apply(bytes, fate === 'torn' ? torn(change, random) : change);
      }
      contents.set(inode, bytes);
      return bytes;
    };
    const enter = (path: string): void => {
      const { safe, loose } = this.#directories.get(path) ?? { safe: new Map(), loose: [] };
      const names = new Map(safe);
      for (const naming of loose) if (keeps() !== 'lost') named(names, naming);
      for (const [name, inode] of names) {
        if (inode === null) continue;
        const isDirectory = this.#directories.has(name);
        found.set(name, isDirectory ? null : contentOf(inode));
        if (isDirectory) enter(name);
      }
    };
    enter(this.#root);
    return found;
  }

  #make(path: string): Inode {
    const inode: Inode = { safe: Buffer.alloc(0), loose: [] };
    this.#now.set(path, inode);
    return inode;
  }

  #at(path: string): Inode {
    const inode = this.#now.get(path);
    if (inode === undefined) throw new Error(`a call on ${path}, which nobody has made`);
    return inode;
  }

  #sync(inode: Inode): void {
    for (const change of inode.loose) inode.safe = apply(inode.safe, change);
    inode.loose.length = 0;
  }

  #name(naming: Naming): void {
    // A rename between directories would be two changes; the node makes none.
    const [path = ''] = naming.keys();
    this.#directories.get(dirname(path))?.loose.push(naming);
  }
}

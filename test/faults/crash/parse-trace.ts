// Reads what `strace -f -y -xx` wrote of a program's calls on the files below one directory.
import { dirname, resolve } from 'node:path';
import type { Call } from './calls.js';

const LINE = /^\d+ +(\w+)\((.*)\) += (-?\d+)/;
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/;
const STRING = /"((?:\\x[0-9a-f]{2})*)"/g;
const DESCRIPTOR = /^(\d+)<((?:\\x[0-9a-f]{2})*)>/;

const unhex = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');

/** Joins calls that another thread's came between; they count from when they returned. */
const wholeLines = function* (trace: string): Generator<string> {
  const begun = new Map<string, string>();
  for (const line of trace.split('\n')) {
    const start = BEGUN.exec(line);
    const end = RESUMED.exec(line);
    if (start !== null) begun.set(start[1] ?? '', `${start[1]} ${start[2]}(${start[3]}`);
    else if (end !== null) yield `${begun.get(end[1] ?? '') ?? ''}${end[2]}`;
    else yield line;
  }
};

interface OpenFile {
  offset: number;
  readonly isDurable: boolean;
}

/**
 * @param root calls on other files are left out
 * @param says a file whose writes are acknowledgements, one a line
 */
export const parseTrace = (trace: string, root: string, says: string): readonly Call[] => {
  const calls: Call[] = [];
  const known = new Set<string>();
  const files = new Map<string, OpenFile>();
  const isOurs = (path: string): boolean => path === root || path.startsWith(`${root}/`);
  const add = (path: string, call: Call): void => void (isOurs(path) && calls.push(call));

  for (const line of wholeLines(trace)) {
    const [, name = '', args = '', result = '-1'] = LINE.exec(line) ?? [];
    if (Number(result) < 0) continue;
    const strings = [...args.matchAll(STRING)].map(([, text = '']) => unhex(text));
    const names = strings.map((text) => resolve(text.toString()));
    const [, descriptor = '', shown = ''] = DESCRIPTOR.exec(args) ?? [];
    const path = unhex(shown).toString();
    const file = files.get(descriptor);
    const numbers = args.split(', ').slice(1);
    switch (name) {
      case 'mkdir':
      case 'mkdirat':
        add(names[0] ?? '', { do: 'mkdir', path: names[0] ?? '' });
        break;
      case 'openat': {
        const opened = names[0] ?? '';
        files.set(result, { offset: 0, isDurable: args.includes('O_DSYNC') || args.includes('O_SYNC') });
        if (args.includes('O_CREAT') && !known.has(opened)) {
          known.add(opened);
          add(opened, { do: 'create', path: opened });
        } else if (args.includes('O_TRUNC')) add(opened, { do: 'truncate', path: opened, size: 0 });
        break;
      }
      case 'lseek':
        if (file !== undefined) file.offset = Number(result);
        break;
      case 'write':
      case 'writev':
      case 'pwrite64': {
        const isPlaced = name === 'pwrite64';
        const at = isPlaced ? Number(numbers.at(-1)) : (file?.offset ?? 0);
        const bytes = Buffer.concat(strings).subarray(0, Number(result));
        if (file !== undefined && !isPlaced) file.offset += bytes.length;
        if (path === says) {
          for (const text of bytes.toString().split('\n').filter(Boolean))
            calls.push({ do: 'acknowledge', text });
        } else add(path, { do: 'write', path, at, bytes, durable: file?.isDurable ?? false });
        break;
      }
      case 'ftruncate':
        add(path, { do: 'truncate', path, size: Number(numbers[0]) });
        break;
      case 'fsync':
      case 'fdatasync':
        add(path, { do: 'sync', path });
        break;
      case 'rename':
      case 'renameat2': {
        const [from = '', to = ''] = names;
        if (known.delete(from)) known.add(to);
        add(dirname(to), { do: 'rename', from, to });
        break;
      }
      case 'link':
      case 'linkat': {
        const [from = '', to = ''] = names;
        if (known.has(from)) known.add(to);
        add(to, { do: 'link', from, to });
        break;
      }
      case 'unlink':
      case 'unlinkat':
        known.delete(names[0] ?? '');
        add(names[0] ?? '', { do: 'unlink', path: names[0] ?? '' });
        break;
      case '':
      case 'close':
        break;
      default:
        // A call this reader does not know would make the replay a lie.
        if (strings.length > 0 ? names.some(isOurs) : isOurs(path)) throw new Error(`unknown call ${name}`);
    }
  }
  return calls;
};

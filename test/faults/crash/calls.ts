// What a program asks of a file system, in the order in which it was done: enough to replay a power cut at any moment.

export type Call =
  | { readonly do: 'mkdir'; readonly path: string }
  | { readonly do: 'create'; readonly path: string }
  /** `durable`: the call returns when these bytes are on the disk (O_DSYNC). */
  | {
      readonly do: 'write';
      readonly path: string;
      readonly at: number;
      readonly bytes: Buffer;
      readonly durable: boolean;
    }
  | { readonly do: 'truncate'; readonly path: string; readonly size: number }
  | { readonly do: 'sync'; readonly path: string }
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  /** A second name for the same file. */
  | { readonly do: 'link'; readonly from: string; readonly to: string }
  | { readonly do: 'unlink'; readonly path: string }
  /** From here on somebody relies on it: the program has said so. */
  | { readonly do: 'acknowledge'; readonly text: string };

/** The same program on a system that only pretends to sync, as `eatmydata` makes it. */
export const withoutSync = (calls: readonly Call[]): readonly Call[] =>
  calls
    .filter((call) => call.do !== 'sync')
    .map((call) => (call.do === 'write' ? { ...call, durable: false } : call));

/** The same program without the fsync of any directory: one that is neither created nor renamed is one. */
export const withoutDirectorySync = (calls: readonly Call[]): readonly Call[] => {
  const files = new Set(calls.flatMap((call) => (call.do === 'create' ? [call.path] : [])));
  for (const call of calls) if (call.do === 'rename') files.add(call.to);
  return calls.filter((call) => call.do !== 'sync' || files.has(call.path));
};

/** The same program with each file brought to the disk only after it has been given its name. */
export const renamedBeforeSync = (calls: readonly Call[]): readonly Call[] => {
  const changed: Call[] = [];
  const late = new Map<string, Call>();
  for (const call of calls) {
    if (call.do === 'sync' && calls.some((other) => other.do === 'rename' && other.from === call.path)) {
      late.set(call.path, call);
      continue;
    }
    changed.push(call);
    // The acknowledgement still waits for it: only the order of the two is wrong.
    if (call.do === 'sync' && late.size > 0) {
      for (const path of late.keys()) changed.push({ do: 'sync', path });
      late.clear();
    }
    if (call.do === 'rename' && late.delete(call.from)) late.set(call.to, call);
  }
  return changed;
};

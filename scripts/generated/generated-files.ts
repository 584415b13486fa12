// Files made from the code: written into a folder, or compared with it byte for byte. Every generator ends here.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Text by file name. Equal sources must give equal bytes. */
export type GeneratedFiles = ReadonlyMap<string, string>;

export interface Difference {
  readonly file: string;
  readonly why: 'missing' | 'stale' | 'left over';
}

export interface GeneratedFolder {
  /** As people know it: its path in the repository. */
  readonly name: string;
  readonly folder: string;
  readonly files: GeneratedFiles;
  /** Whether a file found there is of this generator, and so left over when nothing makes it any more. */
  readonly owns: (name: string) => boolean;
}

const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** What on disk is not what the code makes now. */
export const compareGenerated = async ({ folder, files, owns }: GeneratedFolder): Promise<Difference[]> => {
  const names = await namesIn(folder);
  const differences: Difference[] = [];
  for (const [file, text] of files) {
    if (!names.includes(file)) differences.push({ file, why: 'missing' });
    else if (!(await readFile(join(folder, file))).equals(Buffer.from(text)))
      differences.push({ file, why: 'stale' });
  }
  const leftOver = names.filter((name) => owns(name) && !files.has(name));
  return [...differences, ...leftOver.sort().map((file): Difference => ({ file, why: 'left over' }))];
};

/** Makes the folder what the code says. @returns what had to change */
export const writeGenerated = async (generated: GeneratedFolder): Promise<Difference[]> => {
  const { folder, files } = generated;
  await mkdir(folder, { recursive: true });
  const differences = await compareGenerated(generated);
  for (const { file } of differences) {
    const text = files.get(file);
    if (text === undefined) await rm(join(folder, file));
    else await writeFile(join(folder, file), text);
  }
  return differences;
};

/**
 * A generator's main: writes, or with `check` only says what is stale and sets the exit code.
 * @param repair what to tell the reader then: what drifted, and the command that mends it
 */
export const runGenerator = async (
  generated: GeneratedFolder,
  check: boolean,
  repair: string,
): Promise<void> => {
  if (!check) {
    for (const { file, why } of await writeGenerated(generated)) {
      console.log(why === 'left over' ? `removed ${file}` : `wrote ${file}`);
    }
    return;
  }
  const differences = await compareGenerated(generated);
  for (const { file, why } of differences) console.error(`${generated.name}/${file} is ${why}`);
  if (differences.length === 0) return;
  console.error(repair);
  process.exitCode = 1;
};

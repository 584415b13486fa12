// The configuration file: which one, and what it says, line by line.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigProblem } from './config-error.js';
import type { ConfigKey } from './config-keys.js';
import { nearestName } from './nearest-name.js';

export interface FileValue {
  readonly key: ConfigKey;
  readonly value: unknown;
  /** `<path>:<line>` */
  readonly where: string;
}

export interface FileContent {
  readonly values: readonly FileValue[];
  readonly problems: readonly ConfigProblem[];
}

const MAX_FILE_BYTES = 256 * 1024;
const MAX_ALIASES = 20;
export const SYSTEM_FILE = '/etc/resultity/node.yaml';

const isThere = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // it cannot be seen: reading it will say why
  }
};

/** @returns the first of the usual files that is there */
export const usualFile = (configHome: string, systemFile: string = SYSTEM_FILE): string | undefined =>
  [join(configHome, 'resultity', 'node.yaml'), systemFile].find(isThere);

const unreadable = (path: string, problem: string): FileContent => ({
  values: [],
  problems: [{ key: 'config', origin: path, problem, accepts: 'a YAML file of the settings' }],
});

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param path must be there; what is wrong with it comes back as problems */
export const readConfigFile = (path: string, keys: readonly ConfigKey[]): FileContent => {
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) return unreadable(path, `larger than ${MAX_FILE_BYTES} bytes`);
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (caught) {
    const reason = caught instanceof Error && 'code' in caught ? String(caught.code) : 'unknown reason';
    return unreadable(path, `cannot be read (${reason})`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    // The code alone: the parser's words quote the file, which may hold a secret.
    const problems = faults.map((fault) => ({
      key: 'config',
      origin: `${path}:${lines.linePos(fault.pos[0]).line}`,
      problem: `not YAML (${fault.code})`,
      accepts: 'a YAML file of the settings',
    }));
    return { values: [], problems };
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return unreadable(path, 'too many aliases');
  }

  const values: FileValue[] = [];
  const problems: ConfigProblem[] = [];
  const whereIs = (at: readonly string[]): string => {
    const node = document.getIn(at, true);
    return isNode(node) && node.range ? `${path}:${lines.linePos(node.range[0]).line}` : path;
  };
  const names = keys.filter(({ secret }) => !secret).map(({ name }) => name);
  const walk = (value: unknown, at: readonly string[]): void => {
    const name = at.join('.');
    const key = keys.find((candidate) => candidate.name === name);
    const origin = whereIs(at);
    if (key?.secret) {
      const problem = 'a secret does not belong in the file';
      problems.push({ key: name, origin, problem, accepts: `use ${name}File or the variable ${key.env}` });
    } else if (key !== undefined) {
      if (value !== null) values.push({ key, value, where: origin });
    } else if (at.length === 0 || names.some((known) => known.startsWith(`${name}.`))) {
      if (value === null || value === undefined) return;
      if (isGroup(value)) for (const [inner, part] of Object.entries(value)) walk(part, [...at, inner]);
      else
        problems.push({
          key: name || 'config',
          origin,
          problem: 'not a group of settings',
          accepts: 'settings by name',
        });
    } else {
      problems.push({
        key: name.slice(0, 128),
        origin,
        problem: 'no such setting',
        accepts: `did you mean ${nearestName(name, names)}?`,
      });
    }
  };
  walk(content, []);
  return { values, problems };
};

// A run's records, in memory for the checker and in a file for whoever asks why it failed.
import { appendFileSync, readFileSync } from 'node:fs';
import { type HistoryRecord, type RecordOf, record } from './record.js';

export class History {
  readonly records: HistoryRecord[] = [];
  readonly #path: string | undefined;

  /** @param path of the file that gets every record as a line */
  constructor(path?: string) {
    this.#path = path;
  }

  static read(path: string): History {
    const history = new History();
    for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
      history.records.push(record.parse(JSON.parse(line)));
    }
    return history;
  }

  add(fact: HistoryRecord): void {
    const checked = record.parse(fact);
    this.records.push(checked);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(checked)}\n`);
  }

  of<K extends HistoryRecord['kind']>(kind: K): readonly RecordOf<K>[] {
    return this.records.filter((one): one is RecordOf<K> => one.kind === kind);
  }
}

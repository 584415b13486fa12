// Where a setting came from, so that what is wrong with it can be mended there.

export interface Origin {
  readonly from: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, the variable, or `<path>:<line>`; `default`. */
  readonly name: string;
}

export interface Setting {
  readonly value: unknown;
  readonly origin: Origin;
}

export const showOrigin = ({ from, name }: Origin): string =>
  from === 'default' ? 'default' : from === 'environment' ? `variable ${name}` : `${from} ${name}`;
